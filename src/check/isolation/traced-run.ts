// One run with its trace, as the checks for shared memory compare them.
import type { Choices } from '../../sim/index.ts';
import { RecordedChoices, ReplayedChoices, type Schedule } from '../choices/recorded.ts';
import type { Stop } from '../deadline.ts';
import { executeAll } from '../execute.ts';
import { isByRealTime } from '../real-time.ts';
import { type Difference, firstDifference } from '../replay.ts';
import { type Failure, Run } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { TraceEvent } from '../trace.ts';

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
  const recorded = new RecordedChoices(choices);
  const events: TraceEvent[] = [];
  let run: Run | null = null;
  const next = (): Run | null => {
    if (run !== null) return null;
    run = new Run(scenario, recorded, { trace: events });
    return run;
  };
  let failure: Failure | null = null;
  let hasNotes = false;
  let cut = true;
  await executeAll(
    next,
    (made, found) => {
      cut = false;
      failure = found;
      hasNotes = made.notes.size > 0;
    },
    patienceMs,
    stop,
  );
  return { schedule: recorded.schedule, events, failure, hasNotes, cut };
}

/** Makes a run again, of this scenario. Null: it went the same way. */
export async function repeat(
  scenario: Scenario,
  before: TracedRun,
  patienceMs: number | undefined,
  stop?: Stop,
): Promise<Unstable | null> {
  const again = await tracedRun(scenario, new ReplayedChoices(before.schedule), patienceMs, stop);
  return compare(before, again);
}

/** Null: the two went the same way, or a difference would prove nothing. */
export function compare(before: TracedRun, again: TracedRun): Unstable | null {
  if (before.cut || again.cut) return null;
  if (isByRealTime(before.failure) || isByRealTime(again.failure)) return null;
  const difference = firstDifference(before.events, again.events);
  if (difference === null && before.failure?.invariant === again.failure?.invariant) return null;
  return { schedule: before.schedule, difference };
}
