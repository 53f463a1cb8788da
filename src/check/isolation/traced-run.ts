// Runs with their traces, to be compared by the checks for shared memory.

import type { Stop } from '../../run/deadline.ts';
import { type Difference, firstDifference } from '../../run/difference.ts';
import { executeAll } from '../../run/execute.ts';
import type { Failure } from '../../run/failure.ts';
import { isByRealTime } from '../../run/real-time.ts';
import {
  emptySchedule,
  RecordedChoices,
  ReplayedChoices,
  type Schedule,
} from '../../run/recorded-choices.ts';
import { Run } from '../../run/run.ts';
import type { TraceEvent } from '../../run/trace.ts';
import type { Scenario } from '../../scenario/options.ts';
import type { Choices } from '../../sim/index.ts';

/** A finished run. Plain data. */
export interface TracedRun {
  readonly schedule: Schedule;
  readonly events: readonly TraceEvent[];
  readonly failure: Failure | null;
  /** Whether it has notes. */
  readonly hasNotes?: boolean;
  /** It was stopped early, so it proves nothing. */
  readonly cut?: boolean;
}

/** A schedule that gave two different runs. Plain data. */
export interface Unstable {
  readonly schedule: Schedule;
  /** `null` if the traces are equal, but an invariant judged them differently. */
  readonly difference: Difference | null;
}

/** Executes a run and keeps its trace. */
export async function tracedRun(
  scenario: Scenario,
  choices: Choices,
  hangTimeoutMs: number | undefined,
  stop?: Stop,
): Promise<TracedRun> {
  const runs: TracedRun[] = [];
  await traceEach(scenario, [choices], (run) => runs.push(run), hangTimeoutMs, stop);
  return runs[0] ?? CUT;
}

/** Executes a run twice. */
export async function tracedTwice(
  scenario: Scenario,
  choices: Choices,
  hangTimeoutMs: number | undefined,
  stop?: Stop,
): Promise<{ run: TracedRun; unstable: Unstable | null }> {
  const runs: TracedRun[] = [];
  const attempts = function* (): Generator<Choices> {
    yield choices;
    yield new ReplayedChoices(runs[0]!.schedule);
  };
  await traceEach(scenario, attempts(), (run) => runs.push(run), hangTimeoutMs, stop);
  const [run = CUT, again = CUT] = runs;
  return { run, unstable: compare(run, again) };
}

/** Repeats runs of a scenario. `null` if there is no difference, as far as `stop` allowed. */
export async function repeat(
  scenario: Scenario,
  runs: readonly TracedRun[],
  hangTimeoutMs: number | undefined,
  stop?: Stop,
): Promise<Unstable | null> {
  let unstable: Unstable | null = null;
  let before: TracedRun;
  const attempts = function* (): Generator<Choices> {
    for (before of runs) {
      if (unstable !== null || stop?.aborted) return;
      yield new ReplayedChoices(before.schedule);
    }
  };
  const compared = (again: TracedRun): void => {
    unstable = compare(before, again);
  };
  await traceEach(scenario, attempts(), compared, hangTimeoutMs, stop);
  return unstable;
}

const CUT: TracedRun = { schedule: emptySchedule(), events: [], failure: null, cut: true };

/**
 * Executes runs in few macrotasks, because a macrotask costs more than a short run.
 *
 * @param onRun not called for a run that was stopped early
 */
async function traceEach(
  scenario: Scenario,
  attempts: Iterable<Choices>,
  onRun: (run: TracedRun) => void,
  hangTimeoutMs: number | undefined,
  stop: Stop | undefined,
): Promise<void> {
  const iterator = attempts[Symbol.iterator]();
  let recorded: RecordedChoices;
  let events: TraceEvent[];
  const next = (): Run | null => {
    const attempt = iterator.next();
    if (attempt.done === true) return null;
    recorded = new RecordedChoices(attempt.value);
    events = [];
    return new Run(scenario, recorded, { trace: events });
  };
  const done = (run: Run, failure: Failure | null): void =>
    onRun({ schedule: recorded.schedule, events, failure, hasNotes: run.notes.size > 0 });
  await executeAll(next, done, hangTimeoutMs, stop);
}

/** `null` if the runs are equal, or if a difference would prove nothing. */
export function compare(before: TracedRun, again: TracedRun): Unstable | null {
  if (before.cut || again.cut) return null;
  if (isByRealTime(before.failure) || isByRealTime(again.failure)) return null;
  const difference = firstDifference(before.events, again.events);
  if (difference === null && before.failure?.invariant === again.failure?.invariant) return null;
  return { schedule: before.schedule, difference };
}
