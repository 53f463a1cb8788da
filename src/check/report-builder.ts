/** Collects what a check learns of a scenario, and makes its report of that. */
import { type Coverage, CoverageCounter, NO_COVERAGE } from '../run/coverage.ts';
import { assumedOfNode } from '../run/execute.ts';
import type { Scenario } from '../scenario/options.ts';
import { assumptionsOf, runBoundsOf } from '../scenario/run-bounds.ts';
import type { Thrown } from '../scenario/thrown.ts';
import { encodeToken } from '../schedule/token.ts';
import { describeShared } from './explain-difference.ts';
import type { FirstRuns } from './isolation/first-runs.ts';
import type { Isolation, SharedMemory } from './isolation/isolation.ts';
import type { RecordedReplays } from './recorded-tokens.ts';
import { reportThrown } from './report-thrown.ts';
import type { ScenarioReport, Verdict, Violation } from './scenario-report.ts';
import type { SearchResult } from './search.ts';
import { countRuns, type SearchOptions } from './search-options.ts';
import { judgeNothingFound } from './verdict.ts';

/** The reason of a verdict if no run was requested, for example for a shard without runs. */
export const NOTHING_RAN = 'nothing ran';
const NOT_SEARCHED = 'not searched: a recorded token still shows a violation';

export class ReportBuilder {
  searched: SearchResult;
  recorded: RecordedReplays = { first: null, skipped: [], changed: [] };
  /** What violates nothing and is worth knowing, each under its key once. */
  readonly notes = new Map<string, string>();
  readonly #scenario: Scenario;
  readonly #isolation: Isolation;
  readonly #begunAt: number;
  /** Whether only the first runs were made. */
  #onlyFirst = false;

  /** @param begunAt by `performance.now()` */
  constructor(scenario: Scenario, isolation: Isolation, begunAt: number) {
    this.#scenario = scenario;
    this.#isolation = isolation;
    this.#begunAt = begunAt;
    this.searched = { runs: 0, steps: 0, ...new CoverageCounter(scenario).counts, found: null };
  }

  get onlyFirst(): boolean {
    return this.#onlyFirst;
  }

  /** There was no time for the search: only the first runs count. */
  countFirst({ runs, steps, coverage }: FirstRuns): void {
    this.#onlyFirst = true;
    this.searched = { runs: runs.length, steps, ...coverage(), found: null };
  }

  thrown(error: Thrown): ScenarioReport {
    const { found } = this.searched;
    const { reason } = reportThrown(this.#scenario, error);
    const known = found === null ? '' : `run ${found.run} violated "${found.failure.invariant}"; then `;
    return this.report('inconclusive', { error, reason: `${known}${reason}` });
  }

  sharedMemory(shared: SharedMemory): ScenarioReport {
    const unstable = encodeToken(this.#scenario, shared.schedule);
    return this.report('nondeterministic', { unstable, reason: describeShared(shared) });
  }

  /** The report of a search without a violation, which is complete or was ended early. */
  nothingFound(
    asked: SearchOptions & { allowOmitted?: boolean },
    ended: 'interrupted' | 'the time was up' | null,
  ): ScenarioReport {
    const reason = ended === 'interrupted' ? ended : this.#whyTooFew(asked, ended !== null);
    if (reason !== null) return this.report('inconclusive', { reason });
    const { expects } = this.#scenario;
    const { allowOmitted = false } = asked;
    const judged = judgeNothingFound(this.searched, this.searched.runs, { expects, allowOmitted });
    return this.report(judged.verdict, judged);
  }

  /** `null` if all requested runs were made. */
  #whyTooFew(asked: SearchOptions, timeIsUp: boolean): string | null {
    const { runs } = this.searched;
    if (runs === 0) return timeIsUp ? 'the time was up before the first run' : NOTHING_RAN;
    if (this.#onlyFirst)
      return `the time was up after ${runs === 1 ? 'the first run' : `the first ${runs} runs`}`;
    const of = countRuns(asked);
    return Number.isFinite(of) && runs < of ? `the time was up after ${runs} of ${of} runs` : null;
  }

  /** A recorded token shows violations, and no run of a search was made: there are no counts of runs to report. */
  notSearched(violations: readonly Violation[]): ScenarioReport {
    return this.report('violated', { ...NO_COVERAGE, violations, omitted: [NOT_SEARCHED] });
  }

  report(verdict: Verdict, rest: Partial<ScenarioReport>): ScenarioReport {
    const { id, expects } = this.#scenario;
    const { skipped, changed } = this.recorded;
    const ok =
      expects === 'pass' ? verdict === 'passed' : rest.violations?.some((found) => this.#isExpected(found));
    return {
      id,
      expects,
      verdict,
      ok: ok ?? false,
      runs: this.searched.runs,
      steps: this.searched.steps,
      seconds: (performance.now() - this.#begunAt) / 1000,
      firstViolationAtRun: null,
      foundBy: rest.firstViolationAtRun == null ? null : (this.searched.found?.by ?? null),
      strategies: this.searched.strategies,
      abstractStates: this.searched.states?.length,
      violations: [],
      ...pickCoverage(this.searched),
      omitted: [],
      assumed: [...assumptionsOf(this.#scenario), ...assumedOfNode(), ...this.#isolation.assumed],
      bounds: runBoundsOf(this.#scenario, this.searched),
      reason: null,
      ...(skipped.length > 0 && { skipped }),
      ...(changed.length > 0 && { changed }),
      ...(this.notes.size > 0 && { notes: [...this.notes.values()] }),
      ...rest,
    };
  }

  /** A crash or a hang is not the expected bug, unless the scenario says so. */
  #isExpected({ invariant }: Violation): boolean {
    const { violates, invariants } = this.#scenario;
    return violates === undefined
      ? invariants.some(({ name }) => name === invariant)
      : violates === invariant;
  }
}

function pickCoverage(coverage: Coverage): Coverage {
  const {
    sometimes,
    exercised,
    started,
    struck,
    spawned,
    unawaitedSleepMs,
    marked = {},
    missingFolders = {},
    survivors,
    asked,
  } = coverage;
  return {
    ...{ sometimes, exercised, started, struck, spawned, unawaitedSleepMs, marked, missingFolders },
    ...(survivors !== undefined && { survivors }),
    ...(asked !== undefined && { asked }),
  };
}
