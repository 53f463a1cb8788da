import { type Coverage, CoverageCounter } from '../run/coverage.ts';
import { Deadline, type Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { isByRealTime } from '../run/real-time.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { type PlannedRun, RunFactory } from '../schedule/run-factory.ts';
import { DEFAULT_STRATEGY } from '../schedule/strategies.ts';
import { estimatesOf } from './estimates.ts';
import type { SharedMemory } from './isolation/isolation.ts';
import { checkSearchOptions, firstOfShard, rangeOf, type SearchOptions } from './search-options.ts';

/** The result of a search. Plain data. */
export interface SearchResult extends Coverage {
  readonly runs: number;
  readonly steps: number;
  /** How many runs each strategy has made. */
  readonly strategies?: Readonly<Record<string, number>>;
  /** The abstract states that watched runs have reached. */
  readonly states?: readonly number[];
  readonly found: FailingRun | null;
  /** Set if a first run of a thread differs from its repetition. */
  readonly shared?: SharedMemory;
}

/** The first run that fails, before shrinking. Its number is counted from 1. */
export interface FailingRun {
  readonly failure: Failure;
  readonly schedule: Schedule;
  readonly run: number;
  /** The strategy that found it. */
  readonly by?: string;
}

/** `onProgress` is called once in this many runs. */
const PROGRESS_EVERY = 100;

/**
 * Runs a scenario until a run fails, or until the runs or the time are used up.
 *
 * @throws RangeError if the shard or a number among the options is invalid
 */
export async function search(scenario: Scenario, options: SearchOptions): Promise<SearchResult> {
  const { seed, strategy = DEFAULT_STRATEGY, shard = { index: 0, of: 1 }, signal } = options;
  checkSearchOptions(options);
  const { from, to } = rangeOf(options);
  const deadline = new Deadline(performance.now() + (options.budgetMs ?? Number.POSITIVE_INFINITY), signal);
  const coverage = new CoverageCounter(scenario);
  const estimates = await estimatesOf(scenario, options.hangTimeoutMs, deadline);
  if (estimates === null) return { runs: 0, steps: 0, ...coverage.counts, found: null };
  let runs = 0;
  let steps = 0;
  let found: FailingRun | null = null;
  const steering = new RunFactory(scenario, strategy, seed, estimates);
  let steered: PlannedRun;
  const first = firstOfShard(from, shard);
  let number = first;
  /** The number of the last run that was repeated: if it fails in the same way, that is not an accident. */
  let again: number | null = null;
  /** Whether a first run that hung is being repeated, even if it has used up the time. */
  let repeats = false;
  const next = (): Run | null => {
    if (found !== null || number >= to) return null;
    if (repeats ? signal?.aborted : deadline.aborted) return null;
    steered = steering.next(number);
    if (steered.counts) number += shard.of;
    return steered.run;
  };
  const done = (run: Run, failure: Failure | null): void => {
    repeats = false;
    if (isByRealTime(failure) && again !== steered.number) {
      again = steered.number;
      if (steered.counts) number = again;
      repeats = runs === 0;
      steering.interrupted(steered);
      return;
    }
    steering.done();
    if (!steered.counts) return;
    runs++;
    steps += run.machine.scheduler.steps;
    coverage.add(run);
    if (failure !== null) {
      const { recorded, by } = steered;
      found = { failure, schedule: recorded.schedule, run: number - shard.of + 1, by: by.name };
    }
    if (runs % PROGRESS_EVERY === 0) {
      const of = Number.isFinite(to) ? Math.ceil((to - first) / shard.of) : null;
      options.onProgress?.({ id: scenario.id, runs, of, steps });
    }
  };
  // The first run is always completed, even if the time is up.
  const stop: Stop = {
    get aborted() {
      return runs === 0 ? (signal?.aborted ?? false) : deadline.aborted;
    },
  };
  await executeAll(next, done, options.hangTimeoutMs, stop);
  const strategies = Object.fromEntries(steering.runs);
  return { runs, steps, ...coverage.counts, strategies, states: [...steering.states], found };
}
