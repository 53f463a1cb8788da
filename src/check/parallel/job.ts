import { Deadline } from '../../run/deadline.ts';
import type { Scenario } from '../../scenario/options.ts';
import { PassThrough, type Thrown, thrownOf } from '../../scenario/thrown.ts';
import { findStrategy } from '../../schedule/strategies.ts';
import { check } from '../check.ts';
import type { CheckOptions } from '../check-options.ts';
import { Isolation } from '../isolation/isolation.ts';
import type { Recorded } from '../recorded-tokens.ts';
import type { ScenarioReport } from '../scenario-report.ts';
import { type SearchResult, search } from '../search.ts';
import { countRuns, type SearchOptions } from '../search-options.ts';
import { type Chunks, rangeOfChunk } from './chunks.ts';
import type { SharedCounters } from './shared-counters.ts';

/** Where a thread finds a scenario: the module that exports it, and its ID. */
export interface ScenarioLocation {
  readonly url: string;
  readonly id: string;
}

/** Work that several threads share, task by task. Plain data. */
export type Job = ChunksJob | ScenariosJob;

interface Common {
  /** The name of a built-in strategy. */
  readonly strategy: string;
  readonly options: Pick<CheckOptions, 'seed' | 'runs' | 'shard' | 'hangTimeoutMs' | 'allowOmitted'> & {
    readonly isolation?: false;
  };
  /** When the time is up, on the clock of {@link nowMs}; Infinity for no limit. */
  readonly endsAtMs: number;
}

/** One scenario, searched in chunks of its runs. */
export interface ChunksJob extends Common, ScenarioLocation {
  readonly kind: 'chunks';
  readonly chunks: Chunks;
}

/** Several scenarios, each checked by one thread. */
export interface ScenariosJob extends Common {
  readonly kind: 'scenarios';
  readonly targets: readonly (ScenarioLocation & { readonly recorded: readonly (string | Recorded)[] })[];
  /** The number of threads that share the time. */
  readonly lanes: number;
  /** Whether to stop after the first scenario with an unexpected verdict. */
  readonly bail: boolean;
}

/** The result of a task. */
export type TaskResult = { readonly index: number } & (
  | { readonly kind: 'searched'; readonly searched: SearchResult }
  | { readonly kind: 'checked'; readonly report: ScenarioReport }
  /** Another thread was idle: the search so far, which all threads continue together. */
  | { readonly kind: 'handed-over'; readonly searched: SearchResult; readonly takenMs: number }
  | { readonly kind: 'threw'; readonly thrown: Thrown }
);

/** The callbacks of a thread that works on a job. */
export interface ThreadContext {
  readonly find: (place: ScenarioLocation) => Promise<Scenario>;
  readonly emit: (piece: TaskResult) => void;
  /** Called before each task. */
  readonly begin?: (index: number) => void;
  /** Called occasionally. */
  readonly onProgress?: SearchOptions['onProgress'];
}

/** Real milliseconds on a clock that all threads share. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Does tasks of a job until none is left or needed. */
export async function takeTurns(job: Job, shared: SharedCounters, turns: ThreadContext): Promise<void> {
  const perform = job.kind === 'chunks' ? searchChunk : checkTarget;
  for (;;) {
    const index = shared.take();
    if (!shared.wants(index)) return;
    turns.begin?.(index);
    const work = perform(job as never, index, shared, turns);
    if (work === null) break;
    turns.emit({ index, ...(await work) });
  }
  shared.idles();
}

type Outcome = TaskResult extends infer P ? (P extends TaskResult ? Omit<P, 'index'> : never) : never;

function searchChunk(
  job: ChunksJob,
  index: number,
  shared: SharedCounters,
  turns: ThreadContext,
): Promise<Outcome> | null {
  const range = rangeOfChunk(job.chunks, index);
  const leftMs = job.endsAtMs - nowMs();
  if (range === null || leftMs <= 0) return null;
  const { runs: _, ...options } = job.options;
  return attempt(async () => {
    const signal = {
      get aborted() {
        return !shared.wants(index);
      },
    };
    const scenario = await turns.find(job);
    const deadline = new Deadline(performance.now() + leftMs, signal);
    const budget = Number.isFinite(leftMs) ? { budgetMs: leftMs } : {};
    const strategy = findStrategy(job.strategy)!;
    const searched = await search(scenario, { ...options, ...budget, range, strategy, signal });
    if (searched.found !== null) shared.cancelAfter(index);
    return {
      kind: 'searched',
      searched: await repeated(searched, scenario, options, job.url, deadline.withGrace(leftMs)),
    };
  });
}

function checkTarget(
  job: ScenariosJob,
  index: number,
  shared: SharedCounters,
  turns: ThreadContext,
): Promise<Outcome> | null {
  const target = job.targets[index];
  if (target === undefined) return null;
  return attempt(async () => {
    const scenario = await turns.find(target);
    const begunAt = performance.now();
    const shareMs = ((job.endsAtMs - nowMs()) * job.lanes) / (job.targets.length - index);
    const budgetMs = Math.max(0, Math.min(shareMs, job.endsAtMs - nowMs()));
    const budget = Number.isFinite(budgetMs) ? { budgetMs } : {};
    const { onProgress } = turns;
    const options = {
      ...job.options,
      ...budget,
      strategy: findStrategy(job.strategy)!,
      isolation: job.options.isolation ?? { url: target.url },
      recorded: target.recorded,
      ...(onProgress !== undefined && { onProgress }),
      signal: {
        get aborted() {
          return !shared.wants(index);
        },
      },
      search: preemptible(shared),
    };
    try {
      const report = await check(scenario, options);
      if (job.bail && !report.ok) shared.cancelAfter(index);
      return { kind: 'checked', report };
    } catch (error) {
      if (!(error instanceof Preempted)) throw error;
      const deadline = new Deadline(begunAt + budgetMs, options.signal).withGrace(budgetMs);
      const searched = await repeated(error.searched, scenario, job.options, target.url, deadline);
      return { kind: 'handed-over', searched, takenMs: performance.now() - begunAt };
    }
  });
}

/** Repeats the first runs of this thread: only they can reveal variables that were changed in its memory. */
async function repeated(
  searched: SearchResult,
  scenario: Scenario,
  { isolation, hangTimeoutMs }: Job['options'],
  url: string,
  stop: Deadline,
): Promise<SearchResult> {
  if (searched.found !== null) return searched;
  const checked = new Isolation(scenario, {
    isolation: isolation ?? { url },
    ...(hangTimeoutMs !== undefined && { hangTimeoutMs }),
  });
  const first = await checked.repeatFirst(stop);
  checked.close();
  return first === null ? searched : { ...searched, shared: first };
}

/** Ends a check during its search. */
class Preempted extends PassThrough {
  readonly searched: SearchResult;

  constructor(searched: SearchResult) {
    super('handed over');
    this.searched = searched;
  }
}

/** A search that throws a {@link Preempted} as soon as another thread is idle. */
function preemptible(shared: SharedCounters): typeof search {
  return async (scenario, options) => {
    const { signal, budgetMs = Number.POSITIVE_INFINITY } = options;
    const endsAt = performance.now() + budgetMs;
    const searched = await search(scenario, {
      ...options,
      signal: {
        get aborted() {
          return shared.someIdle || (signal?.aborted ?? false);
        },
      },
    });
    const over =
      searched.found !== null ||
      searched.runs >= countRuns(options) ||
      signal?.aborted ||
      performance.now() >= endsAt;
    if (!over) throw new Preempted(searched);
    return searched;
  };
}

/** Catches an exception, for example of the scenario's code, to send it to the thread that makes the report. */
async function attempt(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'threw', thrown: thrownOf(error) };
  }
}
