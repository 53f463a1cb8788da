import { BUILT_IN } from '../run/index.ts';
import {
  atMostOneOwner,
  noStaleAct,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
} from '../scenario/index.ts';

/** See describeMissingFolders. */
const NO_FOLDER = /\(the simulated machine has no folder /;
const ADD_FOLDER =
  'the simulated machine has only the folders of machine.files and those that programs make: add the folder, or let the program make it with mkdir';

/** The most common cause of a violation, by the name of the invariant. */
const HINTS: Readonly<Record<string, string>> = {
  [atMostOneOwner.name]:
    'another process ran between a check and the action that depends on it. Let a single operation decide that only one process can win (link of a complete file, bind), or check again afterwards',
  [noStaleAct.name]:
    'an owner that was stopped or slow did not check its claim before it acted. Check the claim or the fencing token immediately before each effect',
  [nothingForeignSignalled.name]:
    'a PID may belong to another process by now. Compare the start time and the command before each signal',
  [nothingUnprovenSignalled.name]:
    'the PID may belong to another process when the signal arrives. Identify the process by PID and start time: ports.process.killExactly',
  [BUILT_IN.crash]:
    'a program did not handle an error. Catch it where it can happen, or set crashes: "allowed"',
  [BUILT_IN.deadlock]:
    'the message names the waiting line. In a simulation only ports can settle a promise. If processes wait for each other, add a timeout',
  [BUILT_IN['shared-memory']]:
    'each process is a new call of its program: keep its state in local variables, not in the module',
  [BUILT_IN.nondeterministic]:
    'what a program does must follow from what it has read: keep its state in its own modules, not in variables of the scenario',
  [BUILT_IN['never-yields']]:
    'a loop without a call of a port never yields: wait in it with ports.clock.sleep',
  [BUILT_IN.ambient]:
    'use the ports for the time, random numbers and files, so that a run can be replayed: see docs/what-a-program-may-use.md',
};

const MISTAKEN = 'this is a mistake in the program, not in its protocol: fix the line that the message names';

const FALLBACK =
  'read the timeline from top to bottom. The order of ① and ②, if they are marked, decides: code that enforces the other order fixes the bug';

/** Errors that no operation fails with, so the program itself is wrong. */
const MISTAKE = /^\S+: (?:Type|Reference|Range|Syntax|Eval|Assertion)Error: /;

/** A hint for a violated invariant. */
export function hintFor(invariant: string, message: string | null): string {
  if (invariant === BUILT_IN.crash && NO_FOLDER.test(message ?? '')) return ADD_FOLDER;
  if (invariant === BUILT_IN.crash && MISTAKE.test(message ?? '')) return MISTAKEN;
  return HINTS[invariant] ?? FALLBACK;
}
