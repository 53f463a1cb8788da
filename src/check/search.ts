import { type Coverage, CoverageCounter } from '../run/coverage.ts';
import { Deadline, type Stop } from '../run/deadline.ts';
import { executeAll } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { isByRealTime } from '../run/real-time.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import { checkNumbers } from '../scenario/option-numbers.ts';
import type { Scenario } from '../scenario/options.ts';
import { type PlannedRun, RunFactory } from '../schedule/run-factory.ts';
import { DEFAULT_STRATEGY, type Strategy } from '../schedule/strategies.ts';
import { estimatesOf } from './estimates.ts';
import type { SharedMemory } from './isolation/isolation.ts';

/** How a scenario is searched: how long, from which seed, with which strategy. */
export interface SearchOptions {
  /** The same seed gives the same runs. */
  seed: number;
  /** How many runs at most. */
  runs?: number;
  /** Real time after which the search ends. */
  budgetMs?: number;
  strategy?: Strategy;
  /** Only the runs of these numbers, `from` inclusive (0 is the first), `to` exclusive; instead of `runs`. */
  range?: { from: number; to: number };
  /** Only every `of`-th run, beginning with the `index`-th (from 0): all shards together make the whole. */
  shard?: { index: number; of: number };
  /** Ends the search early; what is known by then is reported. */
  signal?: { readonly aborted: boolean };
  /** Called now and then, between runs. */
  onProgress?: (progress: Progress) => void;
  /** Real time after which a program that does not yield is ended by force. */
  patienceMs?: number;
}

/** What a search has seen. Plain data. */
export interface SearchResult extends Coverage {
  readonly runs: number;
  readonly steps: number;
  /** How many runs each strategy has had. */
  readonly strategies?: Readonly<Record<string, number>>;
  /** The names of the abstract states that were reached, of runs that were watched for that. */
  readonly states?: readonly number[];
  readonly found: FailingRun | null;
  /** A first run of a thread and its repetition that differ. */
  readonly shared?: SharedMemory;
}

/** The first run that fails, as it was found. Its number is counted from 1. */
export interface FailingRun {
  readonly failure: Failure;
  readonly schedule: Schedule;
  readonly run: number;
  /** The strategy that has found it. */
  readonly by?: string;
}

/** How far a search has come. */
export interface Progress {
  id: string;
  runs: number;
  /** How many runs there will be, as far as is known. */
  of: number | null;
  steps: number;
}

/** Searches for known bugs hardly ever need more: see `docs/decisions/0028-how-many-runs.md`. */
export const DEFAULT_RUNS = 400;

/** `onProgress` is called once in so many runs. */
const PROGRESS_EVERY = 100;

/**
 * Runs a scenario until a run fails, or the runs or the time are used up.
 *
 * @throws RangeError when the shard, or a number among the options, makes no sense
 */
export async function search(scenario: Scenario, options: SearchOptions): Promise<SearchResult> {
  const { seed, strategy = DEFAULT_STRATEGY, shard = { index: 0, of: 1 }, signal } = options;
  checkNumbers(options);
  checkShard(shard);
  const { from, to } = rangeOf(options);
  const deadline = new Deadline(performance.now() + (options.budgetMs ?? Number.POSITIVE_INFINITY), signal);
  const coverage = new CoverageCounter(scenario);
  const estimates = await estimatesOf(scenario, options.patienceMs, deadline);
  if (estimates === null) return { runs: 0, steps: 0, ...coverage.counts, found: null };
  let runs = 0;
  let steps = 0;
  let found: FailingRun | null = null;
  const steering = new RunFactory(scenario, strategy, seed, estimates);
  let steered: PlannedRun;
  const first = firstOfShard(from, shard);
  let number = first;
  /** Of the last run that was made again: twice in a row is no accident. */
  let again: number | null = null;
  /** A first run that hung may have used up the time: it is made again all the same. */
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
    if (isByRealTime(failure)) {
      const asked = steered.counts ? number - shard.of : number;
      if (again !== asked) {
        number = asked;
        again = asked;
        repeats = runs === 0;
        steering.forget(steered);
        return;
      }
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
  // The first run is made to its end, however short the time is.
  const stop: Stop = {
    get aborted() {
      return runs === 0 ? (signal?.aborted ?? false) : deadline.aborted;
    },
  };
  await executeAll(next, done, options.patienceMs, stop);
  const strategies = Object.fromEntries(steering.runs);
  return { runs, steps, ...coverage.counts, strategies, states: [...steering.states], found };
}

/** The numbers of the runs that are asked for, `to` exclusive. */
export function rangeOf({ range, runs, budgetMs }: SearchOptions): { from: number; to: number } {
  return (
    range ?? {
      from: 0,
      to: runs ?? (budgetMs === undefined ? DEFAULT_RUNS : Number.POSITIVE_INFINITY),
    }
  );
}

/** @throws RangeError */
export function checkShard({ index, of }: { index: number; of: number }): void {
  if (Number.isSafeInteger(of) && of >= 1 && Number.isSafeInteger(index) && index >= 0 && index < of) return;
  throw new RangeError(
    `shard: got { index: ${index}, of: ${of} }: expected whole numbers, of at least 1 and index from 0 to of - 1`,
  );
}

/** The first number from `from` on that belongs to a shard. */
export function firstOfShard(from: number, { index, of }: { index: number; of: number }): number {
  return from + ((((index - from) % of) + of) % of);
}

/** How many runs are asked for. */
export function countRuns(options: SearchOptions): number {
  const { from, to } = rangeOf(options);
  const { shard = { index: 0, of: 1 } } = options;
  return Math.max(0, Math.ceil((to - firstOfShard(from, shard)) / shard.of));
}
