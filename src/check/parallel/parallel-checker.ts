import { knowIfHung } from '../../run/hang-timeout.ts';
import type { Scenario } from '../../scenario/options.ts';
import { ThrownElsewhere, thrownOf } from '../../scenario/thrown.ts';
import { DEFAULT_STRATEGY, findStrategy } from '../../schedule/strategies.ts';
import { type CheckOptions, check, type Recorded } from '../check.ts';
import { reportThrown } from '../report-thrown.ts';
import type { ScenarioReport } from '../scenario-report.ts';
import { countRuns, rangeOf, type SearchOptions, type SearchResult, search } from '../search.ts';
import { chunksOf, restOf } from './chunks.ts';
import { type Job, nowMs, type ScenarioLocation, type TaskResult } from './job.ts';
import { merge } from './merge.ts';
import { Threads } from './threads.ts';

/** Searches that are over by then are not worth a thread. */
const ALONE_MS = 300;

/** A scenario to check, and where a thread finds it again. */
export interface CheckTarget {
  readonly scenario: Scenario;
  /** The module that exports it. */
  readonly url: string;
  readonly recorded: readonly (string | Recorded)[];
}

export interface ParallelCheckOptions
  extends Omit<SearchOptions, 'range'>,
    Pick<CheckOptions, 'allowOmitted'> {
  /** Processes are not checked for memory that they share. */
  isolation?: false;
  /** Nothing that comes after the first that is not as expected is checked. */
  bail?: boolean;
  /** Called for each report, in the order in which they are done. */
  onReport?: (report: ScenarioReport) => void;
}

/**
 * Threads that check together, this one among them. What they find is what one alone would find: a scenario is checked by
 * one thread, and one that is left over at the end, or alone, in chunks of its runs, of which the failing run with the
 * lowest number wins; what lies beyond it does not count.
 */
export class ParallelChecker {
  readonly #workers: number;
  readonly #threads: Threads;

  /** @param workers how many threads, this one among them */
  constructor(workers: number) {
    this.#workers = workers;
    this.#threads = new Threads(workers);
  }

  /**
   * Checks scenarios; those that follow the first Ctrl-C, or with `bail` the first that is not as expected, are left out.
   *
   * @returns for each target its report, or null
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

  /** @param url the module that exports the scenario, for the threads to import */
  searcher(url: string, made: PartialSearch | null = null): typeof search {
    return (scenario, options) =>
      this.#isAlone(options) ? search(scenario, options) : this.#search(scenario, options, url, made);
  }

  async close(): Promise<void> {
    await this.#threads.close();
  }

  /** A strategy that is not built in cannot be had by its name. */
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

  /** Each scenario by one thread; those that are not done when a thread has nothing left to do, by all together. */
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
    { budgetMs: _, onReport, ...options }: ParallelCheckOptions,
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

  /** @param made what has been searched already */
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
    // What lies beyond the first failing run does not count.
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

/** What has been made of a search by one thread, and the real time that it has taken. */
interface PartialSearch {
  readonly searched: SearchResult;
  readonly takenMs: number;
}

/** Of several chunks, how far they are together. */
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

/** One scenario must not cost the others their verdicts, whatever is thrown. */
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

/** What can be sent to another thread. */
function plain({ seed, runs, shard, patienceMs, isolation }: PlainOptions): Job['options'] {
  return {
    seed,
    ...(runs !== undefined && { runs }),
    ...(shard !== undefined && { shard }),
    ...(patienceMs !== undefined && { patienceMs }),
    ...(isolation !== undefined && { isolation }),
  };
}
