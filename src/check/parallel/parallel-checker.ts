import { knowIfHung } from '../../run/hang-timeout.ts';
import type { Scenario } from '../../scenario/options.ts';
import { ThrownElsewhere, thrownOf } from '../../scenario/thrown.ts';
import { DEFAULT_STRATEGY, findStrategy } from '../../schedule/strategies.ts';
import { check } from '../check.ts';
import type { CheckOptions } from '../check-options.ts';
import type { Recorded } from '../recorded-tokens.ts';
import { reportThrown } from '../report-thrown.ts';
import type { ScenarioReport } from '../scenario-report.ts';
import { type SearchResult, search } from '../search.ts';
import { countRuns, rangeOf, type SearchOptions } from '../search-options.ts';
import { chunksOf, restOf } from './chunks.ts';
import { type Job, nowMs, type ScenarioLocation, type TaskResult } from './job.ts';
import { merge } from './merge.ts';
import { Threads } from './threads.ts';

/** A search that takes fewer milliseconds than this is not worth a thread. Chosen by hand. */
const ALONE_MS = 300;

/** A scenario to check, and where another thread finds it. */
export interface CheckTarget {
  readonly scenario: Scenario;
  /** The module that exports it. */
  readonly url: string;
  readonly recorded: readonly (string | Recorded)[];
}

export interface ParallelCheckOptions
  extends Omit<SearchOptions, 'range'>,
    Pick<CheckOptions, 'allowOmitted'> {
  /** Do not check whether processes share memory. */
  isolation?: false;
  /** Stop after the first scenario with an unexpected verdict. */
  bail?: boolean;
  /** Called for each report as soon as it is ready. */
  onReport?: (report: ScenarioReport) => void;
}

/**
 * Checks scenarios with several threads, including this one, with the same results as a single thread. Each scenario is checked by
 * one thread. A single scenario, or the last ones, are searched in chunks of runs by all threads; the failing run with the
 * lowest number counts, and runs after it are dropped.
 */
export class ParallelChecker {
  readonly #workers: number;
  readonly #threads: Threads;

  /** @param workers the number of threads, including this one */
  constructor(workers: number) {
    this.#workers = workers;
    this.#threads = new Threads(workers);
  }

  /**
   * Checks scenarios. Those after Ctrl-C, or with `bail` after the first unexpected verdict, are skipped.
   *
   * @returns a report for each target, or `null` if it was skipped
   */
  async checkAll(
    targets: readonly CheckTarget[],
    options: ParallelCheckOptions,
  ): Promise<readonly (ScenarioReport | null)[]> {
    const endsAtMs = nowMs() + (options.budgetMs ?? Number.POSITIVE_INFINITY);
    const reports =
      this.#isAlone(options) || targets.length < 2
        ? await this.#oneByOne(targets, options, endsAtMs)
        : await this.#sideBySide(targets, options, endsAtMs);
    return targets.map((_, i) => reports[i] ?? null);
  }

  /** @param url the module that exports the scenario, which the threads import */
  searcher(url: string, made: PartialSearch | null = null): typeof search {
    return (scenario, options) =>
      this.#isAlone(options) ? search(scenario, options) : this.#search(scenario, options, url, made);
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }

  /** Other threads cannot find a strategy by name if it is not built in. */
  #isAlone({ strategy = DEFAULT_STRATEGY }: SearchOptions): boolean {
    return this.#workers < 2 || findStrategy(strategy.name) !== strategy;
  }

  async #oneByOne(
    targets: readonly CheckTarget[],
    options: ParallelCheckOptions,
    endsAtMs: number,
  ): Promise<ScenarioReport[]> {
    const reports: ScenarioReport[] = [];
    for (const [i, target] of targets.entries()) {
      if (options.signal?.aborted) break;
      const shareMs = (endsAtMs - nowMs()) / (targets.length - i);
      const report = await this.#check(target, options, nowMs() + shareMs, null);
      reports.push(report);
      if (options.bail && !report.ok) break;
    }
    return reports;
  }

  /** Checks each scenario in one thread. Those that are unfinished when a thread is idle are searched by all threads together. */
  async #sideBySide(
    targets: readonly CheckTarget[],
    options: ParallelCheckOptions,
    endsAtMs: number,
  ): Promise<ScenarioReport[]> {
    const reports: ScenarioReport[] = [];
    const left: Extract<TaskResult, { kind: 'handed-over' }>[] = [];
    const report = (index: number, known: ScenarioReport): void => {
      reports[index] = known;
      options.onReport?.(known);
    };
    const { strategy = DEFAULT_STRATEGY, bail = false } = options;
    const job: Job = {
      kind: 'scenarios',
      targets: targets.map(({ scenario, url, recorded }) => ({ url, id: scenario.id, recorded })),
      strategy: strategy.name,
      options: { ...plain(options), allowOmitted: options.allowOmitted ?? false },
      ...{ endsAtMs, bail, lanes: this.#workers },
    };
    await this.#together(job, targets, options, (piece) => {
      const { index } = piece;
      if (piece.kind === 'handed-over') left.push(piece);
      if (piece.kind === 'checked') {
        knowIfHung(targets[index]!.scenario, piece.report.violations[0]);
        report(index, piece.report);
      }
      if (piece.kind === 'threw') report(index, reportThrown(targets[index]!.scenario, piece.thrown));
    });
    for (const made of left.sort((a, b) => a.index - b.index)) {
      if (bail && reports.slice(0, made.index).some(({ ok }) => !ok)) break;
      reports[made.index] = await this.#check(targets[made.index]!, options, endsAtMs, made);
    }
    const unexpected = bail ? reports.findIndex(({ ok }) => !ok) : -1;
    return unexpected < 0 ? reports : reports.slice(0, unexpected + 1);
  }

  async #check(
    { scenario, url, recorded }: CheckTarget,
    { budgetMs: _, bail: __, onReport, ...options }: ParallelCheckOptions,
    endsAtMs: number,
    made: PartialSearch | null,
  ): Promise<ScenarioReport> {
    const search = this.searcher(url, made);
    const { takenMs = 0 } = made ?? {};
    const checkOptions = {
      ...options,
      ...budgetUntil(endsAtMs),
      recorded,
      takenMs,
      search,
      isolation: options.isolation ?? { url },
    };
    const report = await attempt(scenario, () => check(scenario, checkOptions));
    onReport?.(report);
    return report;
  }

  /** @param made the part of the search that was already made */
  async #search(
    scenario: Scenario,
    options: SearchOptions,
    url: string,
    made: PartialSearch | null,
  ): Promise<SearchResult> {
    const { budgetMs = Number.POSITIVE_INFINITY, strategy = DEFAULT_STRATEGY, signal } = options;
    const endsAtMs = nowMs() + budgetMs;
    const range = rangeOf(options);
    const begunAt = performance.now();
    const first =
      made?.searched ??
      (await search(scenario, { ...options, range, budgetMs: Math.min(ALONE_MS, budgetMs) }));
    const runMs = (made?.takenMs ?? performance.now() - begunAt) / Math.max(1, first.runs);
    const left = countRuns(options) - first.runs;
    if (first.found !== null || left <= 0 || signal?.aborted || nowMs() >= endsAtMs) return first;
    const chunks = chunksOf(options, first.runs, runMs);
    if (left * runMs < ALONE_MS) {
      const rest = { ...options, range: restOf(chunks), ...budgetUntil(endsAtMs) };
      return merge([first, await search(scenario, rest)]);
    }
    const parts: SearchResult[] = [];
    const progress = new ProgressSum(scenario.id, chunks.runs, first, options.onProgress);
    const job: Job = {
      ...{ kind: 'chunks', url, id: scenario.id, strategy: strategy.name, chunks, endsAtMs },
      options: plain(options),
    };
    const threw: Extract<TaskResult, { kind: 'threw' }>[] = [];
    await this.#together(job, [{ scenario, url }], options, (piece) => {
      if (piece.kind === 'threw') threw.push(piece);
      if (piece.kind !== 'searched') return;
      knowIfHung(scenario, piece.searched.found?.failure);
      parts[piece.index] = piece.searched;
      progress.add(piece.searched);
    });
    const [firstThrown] = threw.sort((a, b) => a.index - b.index);
    const foundAt = parts.findIndex((part) => (part?.found ?? null) !== null);
    // Runs after the first failing run do not count.
    if (firstThrown !== undefined && (foundAt < 0 || firstThrown.index < foundAt))
      throw new ThrownElsewhere(firstThrown.thrown);
    return merge([first, ...parts]);
  }

  async #together(
    job: Job,
    targets: readonly Pick<CheckTarget, 'scenario' | 'url'>[],
    { signal, onProgress }: SearchOptions,
    emit: (piece: TaskResult) => void,
  ): Promise<void> {
    const find = async ({ url, id }: ScenarioLocation): Promise<Scenario> =>
      targets.find((target) => target.url === url && target.scenario.id === id)!.scenario;
    await this.#threads.doTogether(job, { find, emit, ...(onProgress && { onProgress }) }, signal);
  }
}

/** The part of a search that one thread has made, and the real time it took. */
interface PartialSearch {
  readonly searched: SearchResult;
  readonly takenMs: number;
}

/** The total progress of several chunks. */
class ProgressSum {
  readonly #id: string;
  readonly #of: number | null;
  readonly #onProgress: SearchOptions['onProgress'];
  #runs: number;
  #steps: number;

  constructor(
    id: string,
    of: number,
    { runs, steps }: SearchResult,
    onProgress: SearchOptions['onProgress'],
  ) {
    this.#id = id;
    this.#of = Number.isFinite(of) ? of : null;
    this.#onProgress = onProgress;
    this.#runs = runs;
    this.#steps = steps;
  }

  add({ runs, steps }: SearchResult): void {
    this.#runs += runs;
    this.#steps += steps;
    this.#onProgress?.({ id: this.#id, runs: this.#runs, of: this.#of, steps: this.#steps });
  }
}

/** An exception in one scenario must not affect the verdicts of others. */
async function attempt(scenario: Scenario, check: () => Promise<ScenarioReport>): Promise<ScenarioReport> {
  try {
    return await check();
  } catch (error) {
    return reportThrown(scenario, thrownOf(error));
  }
}

function budgetUntil(endsAtMs: number): { budgetMs?: number } {
  return Number.isFinite(endsAtMs) ? { budgetMs: Math.max(0, endsAtMs - nowMs()) } : {};
}

type PlainOptions = SearchOptions & Pick<ParallelCheckOptions, 'isolation'>;

/** The options that can be sent to another thread. */
function plain({ seed, runs, shard, hangTimeoutMs, isolation }: PlainOptions): Job['options'] {
  return {
    seed,
    ...(runs !== undefined && { runs }),
    ...(shard !== undefined && { shard }),
    ...(hangTimeoutMs !== undefined && { hangTimeoutMs }),
    ...(isolation !== undefined && { isolation }),
  };
}
