// One run with its trace, as the checks for shared memory compare them.

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

/** A run that is over. Plain data. */
export interface TracedRun {
  readonly schedule: Schedule;
  readonly events: readonly TraceEvent[];
  readonly failure: Failure | null;
  /** Whether there is anything to note of it. */
  readonly hasNotes?: boolean;
  /** It was ended early: nothing follows from it. */
  readonly cut?: boolean;
}

/** A schedule that ran in two ways. Plain data. */
export interface Unstable {
  readonly schedule: Schedule;
  /** Null: the traces are the same, and an invariant judged them differently. */
  readonly difference: Difference | null;
}

/** Makes one run and keeps what happened in it. */
export async function tracedRun(
  scenario: Scenario,
  choices: Choices,
  patienceMs: number | undefined,
  stop?: Stop,
): Promise<TracedRun> {
  const runs: TracedRun[] = [];
  await traceEach(scenario, [choices], (run) => runs.push(run), patienceMs, stop);
  return runs[0] ?? CUT;
}

/** Makes a run, and makes it again. */
export async function tracedTwice(
  scenario: Scenario,
  choices: Choices,
  patienceMs: number | undefined,
  stop?: Stop,
): Promise<{ run: TracedRun; unstable: Unstable | null }> {
  const runs: TracedRun[] = [];
  const attempts = function* (): Generator<Choices> {
    yield choices;
    yield new ReplayedChoices(runs[0]!.schedule);
  };
  await traceEach(scenario, attempts(), (run) => runs.push(run), patienceMs, stop);
  const [run = CUT, again = CUT] = runs;
  return { run, unstable: compare(run, again) };
}

/** Makes runs of this scenario again. Null: they went the same way, as far as `stop` allowed. */
export async function repeat(
  scenario: Scenario,
  runs: readonly TracedRun[],
  patienceMs: number | undefined,
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
  await traceEach(scenario, attempts(), compared, patienceMs, stop);
  return unstable;
}

const CUT: TracedRun = { schedule: emptySchedule(), events: [], failure: null, cut: true };

/**
 * Makes one run after the other, in few macrotasks, which cost more than a short run.
 *
 * @param onRun not called for one that was ended early
 */
async function traceEach(
  scenario: Scenario,
  attempts: Iterable<Choices>,
  onRun: (run: TracedRun) => void,
  patienceMs: number | undefined,
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
  await executeAll(next, done, patienceMs, stop);
}

/** Null: the two went the same way, or a difference would prove nothing. */
export function compare(before: TracedRun, again: TracedRun): Unstable | null {
  if (before.cut || again.cut) return null;
  if (isByRealTime(before.failure) || isByRealTime(again.failure)) return null;
  const difference = firstDifference(before.events, again.events);
  if (difference === null && before.failure?.invariant === again.failure?.invariant) return null;
  return { schedule: before.schedule, difference };
}
