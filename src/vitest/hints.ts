import { BUILT_IN } from '../run/index.ts';
import {
  atMostOneOwner,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
} from '../scenario/index.ts';

/** What most often lies behind a violation, by the invariant's name. */
const HINTS: Readonly<Record<string, string>> = {
  [atMostOneOwner.name]:
    'between what a process read and what it did upon it, another went on. Let a single operation decide, one that only one can win (link of a complete file, bind), or look again after it',
  [noStaleAct.name]:
    'an owner that was stopped, or slow, did not look again before it acted. Check the claim, or its fencing token, right before each effect',
  [nothingForeignSignalled.name]:
    'a PID says nothing about who bears it now. Compare the start time and the command before each signal',
  [nothingUnprovenSignalled.name]:
    'a PID may be borne by another by the time the signal comes. Name the process by PID and start time: ports.process.killExactly',
  [BUILT_IN.crash]:
    'a program met an error that it does not expect. Catch it where it can happen, or say crashes: "allowed"',
  [BUILT_IN.deadlock]:
    'the message names the line that waits. Only the ports can settle a promise in a simulation; where processes wait for each other, give one of the waits an end',
  [BUILT_IN['shared-memory']]:
    'each process is a fresh call of its program: keep what it remembers in local variables, not in the module',
  [BUILT_IN['never-yields']]: 'a loop without a call of a port never ends: wait in it with ports.clock.sleep',
  [BUILT_IN.ambient]:
    'ask the ports for the time, for chance and for files, so that a run can be replayed: see docs/what-a-program-may-use.md',
};

const MISTAKEN =
  'this is a mistake in the program, not in its protocol: correct the line that the message names';

const FALLBACK =
  'read the timeline downwards; where ① and ② are marked, their order decides: code that enforces the other order fixes the bug';

/** Errors that the machine never gives: the program itself is wrong. */
const MISTAKE = /^\S+: (?:Type|Reference|Range|Syntax|Eval|Assertion)Error: /;

/** What to look for. */
export function hintFor(invariant: string, message: string | null): string {
  if (invariant === BUILT_IN.crash && MISTAKE.test(message ?? '')) return MISTAKEN;
  return HINTS[invariant] ?? FALLBACK;
}
