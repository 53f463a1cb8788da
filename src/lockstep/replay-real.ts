/**
 * Repeats a run of the simulation on real processes in lockstep: real files, sockets and signals, in the order of the schedule. For example:
 *
 *   const real = await replayReal(scenario, schedule, { url, entry });
 *   real.agrees; // true, or false with real.firstDifference
 */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cleanUp, openFolder } from '../real/leftovers.ts';
import { MARKER, Processes } from '../real/processes.ts';
import { unwatch, watchOver } from '../real/watch-over.ts';
import type { Schedule, TraceEvent } from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { askAgain, messageOf } from './ask-again.ts';
import type { LeftOut, Plan, Report } from './coordinate/plan.ts';
import { separationHere } from './namespaces.ts';
import { recordScript } from './record/recorder.ts';
import { answersOnly, refusalOf } from './refusals.ts';

const FOLDERS = { prefix: 'osl-', marker: MARKER };
/** A busy machine may take many times as long as an idle one. */
const PATIENCE_MS = 20_000;
/** Beside the limit of 107 bytes for the paths of sockets: those of programs are relative. */
const LONGEST_DIRECTORY = 95;
const OUTPUT_LIMIT = 2_000;
const NO_MODULE =
  'no module exports the scenario, which each real process would load: write it to a file with simulate --write FILE';

export interface RealOptions {
  /** The file that starts the coordinator and the processes: src/cli/lockstep-process.ts, compiled. */
  readonly entry: string;
  /** The module that exports the scenario; `null`: none does, as for the commands of `simulate`, which are refused. */
  readonly url: string | null;
  /** Ends everything, and rejects with an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait for what the simulation does at once, in real milliseconds. Default: 20,000. */
  readonly patienceMs?: number;
  /** For tests: the real side leaves something out. */
  readonly leaveOut?: LeftOut;
}

/** Where the real machine differs from the simulated one. Plain data. */
export interface RealDifference {
  readonly step: number;
  readonly process: string | null;
  readonly what: string;
  readonly simulated: unknown;
  readonly real: unknown;
}

/** Plain data. */
export interface RealReplay {
  /**
   * `violated`, `passed`: every step came out as in the simulation, and so did the verdict. `differs`: a step did not. `refused`: a real
   * machine, or this one, cannot do what the run needs. `inconclusive`: the processes could not be started.
   */
  readonly verdict: 'violated' | 'passed' | 'differs' | 'refused' | 'inconclusive';
  /** Whether real processes did the same; `null` if that is not known. */
  readonly agrees: boolean | null;
  readonly firstDifference: RealDifference | null;
  /** Why it was refused or is inconclusive. */
  readonly reason: string | null;
  /** Faults that existed only in the answers to programs. */
  readonly answersOnly: readonly string[];
  /**
   * Whether the violated invariant says the same of the real files, listeners and process states, without which they do not agree; `null`
   * if it was not asked: there was no violation, a step differed, it is not one of the scenario's own, or it compares with what it has seen
   * before.
   */
  readonly asked: boolean | null;
  readonly processes: number;
  readonly comparisons: number;
  /** How often something was done in another way without any difference to a program, by what it was. */
  readonly allowances: Readonly<Record<string, number>>;
  /** What of this machine the processes shared; `null`: nothing but its kernel and its files outside of their root. */
  readonly lacks: string | null;
  readonly seconds: number;
  /** What was really done. `atMs` is real time, and results have real PIDs. */
  readonly events: readonly TraceEvent[];
}

/** Repeats a run on real processes. Linux only. Nothing of it is left behind. */
export async function replayReal(
  scenario: Scenario,
  schedule: Schedule,
  options: RealOptions,
): Promise<RealReplay> {
  const startedMs = performance.now();
  cleanUp(FOLDERS);
  const separation = separationHere();
  const { script, run, failure } = await recordScript(scenario, schedule);
  const facts = {
    ...{ firstDifference: null, reason: null, answersOnly: answersOnly(script), asked: null },
    ...{ processes: 0, comparisons: 0, allowances: {}, lacks: separation.lacks, events: [] },
  };
  const seconds = (): number => Math.round(performance.now() - startedMs) / 1000;
  const { entry, url, patienceMs = PATIENCE_MS, leaveOut = null, signal } = options;
  const refused = refusalOf(scenario, script, run, separation);
  if (refused !== null || url === null)
    return { ...facts, verdict: 'refused', agrees: null, reason: refused ?? NO_MODULE, seconds: seconds() };
  const { before, lacks: _, ...surroundings } = separation;
  const report = await inDirectory(before, signal, (directory) => ({
    ...{ script, directory, entry, url, surroundings, patienceMs, leaveOut },
  }));
  const { outcome, reason, difference, end, events, processes, comparisons, allowances } = report;
  const found = { ...facts, reason, events, processes, comparisons, allowances, seconds: seconds() };
  if (outcome === 'refused') return { ...found, verdict: 'refused', agrees: null };
  if (outcome === 'not started') return { ...found, verdict: 'inconclusive', agrees: null };
  if (outcome === 'differs')
    return { ...found, verdict: 'differs', agrees: false, firstDifference: difference };
  const verdict = failure === null ? 'passed' : 'violated';
  const complaint = end === null ? undefined : askAgain(run, end);
  if (complaint === undefined) return { ...found, verdict, agrees: true };
  const simulated = messageOf(run);
  if (complaint === simulated) return { ...found, verdict, agrees: true, asked: true };
  const what = `"${failure?.invariant}" says something else of the real files, listeners and process states`;
  const firstDifference = { step: script.steps, process: null, what, simulated, real: complaint };
  return { ...found, verdict: 'differs', agrees: false, asked: false, firstDifference };
}

/** Runs a coordinator in a directory of its own, and removes it. */
async function inDirectory(
  before: readonly string[],
  signal: AbortSignal | undefined,
  planIn: (directory: string) => Plan,
): Promise<Report> {
  const processes = new Processes();
  let directory: string | null = null;
  const remove = (): void => {
    if (directory !== null) rmSync(directory, { recursive: true, force: true });
  };
  // Until it is removed: processes are watched over only while there are any.
  const whole = {
    endNow: () => {
      processes.endNow();
      remove();
    },
  };
  watchOver(whole);
  try {
    directory = openFolder(FOLDERS, processes.word);
    if (directory.length > LONGEST_DIRECTORY)
      throw new Error(
        `TMPDIR got ${tmpdir()}: accepted: a path of at most ${LONGEST_DIRECTORY - 11} characters`,
      );
    signal?.throwIfAborted();
    const plan = planIn(directory);
    const planFile = path.join(directory, 'plan.json');
    const reportFile = path.join(directory, 'report.json');
    // Processes of other users connect to a socket in it.
    chmodSync(directory, 0o755);
    writeFileSync(planFile, JSON.stringify(plan), { mode: 0o600 });
    const command = [...before, process.execPath, plan.entry, planFile, reportFile];
    const coordinator = await processes.start({ name: 'coordinator', command });
    const { code } = await untilEnded(coordinator.exited, signal);
    if (code !== 0)
      throw new Error(
        `the coordinator of a replay on real processes failed with exit code ${code}: ${coordinator.said.slice(0, OUTPUT_LIMIT)}`,
      );
    return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  } finally {
    await processes.end();
    remove();
    unwatch(whole);
  }
}

async function untilEnded<T>(ended: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return ended;
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([ended, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
