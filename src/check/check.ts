import { type Coverage, CoverageCounter, describeGaps, gapsOf } from '../run/coverage.ts';
import { Deadline } from '../run/deadline.ts';
import { BUILT_IN, type Failure } from '../run/failure.ts';
import { isByRealTime } from '../run/real-time.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import { checkNumbers } from '../scenario/option-numbers.ts';
import type { Scenario } from '../scenario/options.ts';
import { assumptionsOf, runBoundsOf } from '../scenario/run-bounds.ts';
import { ScenarioError } from '../scenario/scenario.ts';
import { PassThrough, type Thrown, thrownOf } from '../scenario/thrown.ts';
import { mix } from '../schedule/random.ts';
import { DEFAULT_STRATEGY } from '../schedule/strategies.ts';
import { decodeToken, encodeToken, TokenError } from '../schedule/token.ts';
import { criticalOf } from './critical.ts';
import { estimatesOf } from './estimates.ts';
import { describeDifference, describeShared, whyUnstable } from './explain-difference.ts';
import { type FirstRuns, failingOf, firstRunsOf } from './isolation/first-runs.ts';
import { Isolation, type IsolationOptions, type SharedMemory } from './isolation/isolation.ts';
import { type Replay, replay, replaySchedule } from './replay.ts';
import { reportThrown } from './report-thrown.ts';
import type { ScenarioReport, Verdict, Violation } from './scenario-report.ts';
import { checkShard, countRuns, rangeOf, type SearchOptions, type SearchResult, search } from './search.ts';
import { shrink } from './shrink.ts';
import { shrinkEndless } from './shrink-endless.ts';
import { classifyStepBound } from './step-bound.ts';
import { judgeNothingFound } from './verdict.ts';

/** How a scenario is checked: how it is searched, and what comes first. */
export interface CheckOptions extends SearchOptions, Pick<IsolationOptions, 'isolation'> {
  /** Tokens of this scenario from earlier checks: replayed first. Those of another definition are skipped, and told. */
  recorded?: readonly (string | Recorded)[];
  /** Does the searching; {@link search} unless said. */
  search?: (scenario: Scenario, options: SearchOptions) => Promise<SearchResult>;
  /** The search keeps to bounds, such as a number of preemptions: only a violation that it finds itself counts. */
  bounded?: boolean;
  /** Real time that this check has already taken, elsewhere. */
  takenMs?: number;
  /** Whether a check that found nothing is ok although parts of the scenario were not run. Default: false. */
  allowOmitted?: boolean;
  /** Real time after which shrinking ends. Default: {@link MAX_SHRINK_MS} after the violation was found. */
  withinMs?: number;
}

/** Longer than any built-in scenario needs by far: a scenario whose runs are long must not hold up all others. */
export const MAX_SHRINK_MS = 60_000;

export interface Recorded {
  readonly token: string;
  /** What it shows, in one sentence. */
  readonly why: string;
}

/**
 * Searches a scenario for runs that violate its invariants. Ends at the first, made as small as can be. An exception of the
 * scenario's own code outside of a run, or of ours, is reported as `error`.
 *
 * @throws RangeError when the shard, or a number among the options, makes no sense
 * @throws ScenarioError when a search of the caller's refuses the scenario
 */
export async function check(scenario: Scenario, options: CheckOptions): Promise<ScenarioReport> {
  checkNumbers(options);
  const begun = new Check(scenario, options);
  try {
    return await begun.check();
  } catch (error) {
    if (error instanceof PassThrough || error instanceof ScenarioError) throw error;
    return begun.reportThrown(thrownOf(error));
  }
}

class Check {
  readonly #scenario: Scenario;
  readonly #options: CheckOptions;
  readonly #begunAt: number;
  readonly #skipped: string[] = [];
  readonly #changed: string[] = [];
  readonly #deadline: Deadline;
  #shrinkDeadline: Deadline | null = null;
  readonly #notes = new Map<string, string>();
  readonly #isolation: Isolation;
  #searched: SearchResult;
  #cutShort: string | null = null;
  /** What was searched are the first runs alone. */
  #onlyFirst = false;

  constructor(scenario: Scenario, options: CheckOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#isolation = new Isolation(scenario, options);
    this.#begunAt = performance.now() - (options.takenMs ?? 0);
    const { budgetMs = Number.POSITIVE_INFINITY, signal } = options;
    this.#deadline = new Deadline(performance.now() + budgetMs, signal);
    if (options.shard !== undefined) checkShard(options.shard);
    this.#searched = { runs: 0, steps: 0, ...new CoverageCounter(scenario).counts, found: null };
  }

  async check(): Promise<ScenarioReport> {
    try {
      await this.#isolation.begin();
      return await this.#check();
    } finally {
      this.#isolation.close();
    }
  }

  async #check(): Promise<ScenarioReport> {
    // First of all: a program that uses up a variable of its module behaves as it should only in its first runs.
    await estimatesOf(this.#scenario, this.#options.patienceMs, this.#deadline);
    const first = this.#options.bounded ? null : firstRunsOf(this.#scenario);
    const recorded = await this.#replayRecorded();
    // A known bug is searched all the same: each check proves anew that the search can see.
    if (recorded?.failure && this.#scenario.expects === 'pass')
      return this.#reportFound(recorded.failure, recorded, null);
    this.#searched = await (this.#options.search ?? search)(this.#scenario, this.#searchOptions);
    if (this.#searched.runs === 0 && first !== null && first.runs.length > 0) this.#countFirst(first);
    // A first run that failed counts when no later one does. A program that does not yield may use up all the time.
    const failing = first && failingOf(first, this.#onlyFirst);
    const found = this.#searched.found ?? (failing && { ...failing, run: 1 });
    if (this.#searched.found === null) {
      const unstable = await this.#reportUnstable();
      if (unstable !== null || found === null) return unstable ?? this.#reportNone(recorded);
    }
    const { failure, schedule, run } = found!;
    const minimal = await this.#minimise(schedule, failure);
    if (minimal === null && isByRealTime(failure)) return this.#reportNone(recorded);
    if (minimal === null) {
      return this.#report('nondeterministic', {
        unstable: encodeToken(this.#scenario, schedule),
        reason: `run ${run} violated "${failure.invariant}"; replayed, the same schedule did not. ${whyUnstable(await this.#isolation.suspects())}`,
      });
    }
    return this.#reportFound(minimal.failure ?? failure, minimal, run);
  }

  reportThrown(error: Thrown): ScenarioReport {
    const { found } = this.#searched;
    const { reason } = reportThrown(this.#scenario, error);
    const known = found === null ? '' : `run ${found.run} violated "${found.failure.invariant}"; then `;
    return this.#report('inconclusive', { error, reason: `${known}${reason}` });
  }

  /** The time did not suffice for the search: all that is known is what the first runs showed. */
  #countFirst({ runs, steps, coverage }: FirstRuns): void {
    this.#onlyFirst = true;
    this.#searched = { runs: runs.length, steps, ...coverage(), found: null };
  }

  /** What is left of the budget once the recorded tokens are replayed. */
  get #searchOptions(): SearchOptions {
    const { budgetMs } = this.#options;
    return budgetMs === undefined ? this.#options : { ...this.#options, budgetMs: this.#deadline.leftMs };
  }

  /** The first recorded token that still violates something. */
  async #replayRecorded(): Promise<Replay | null> {
    const { expects } = this.#scenario;
    let first: Replay | null = null;
    for (const entry of this.#options.recorded ?? []) {
      if (this.#deadline.aborted) break;
      const { token, why } = typeof entry === 'string' ? { token: entry, why: 'an earlier check' } : entry;
      const again = await this.#replay(token);
      if (again === null) continue;
      if (again.failure === null && expects === 'violation')
        this.#changed.push(`${token} violates nothing any more: ${why}`);
      if (again.failure !== null) first ??= again;
      if (first !== null && expects === 'pass') break;
    }
    return first;
  }

  /** Null: the token is not one of this scenario as it is now. */
  async #replay(token: string): Promise<Replay | null> {
    try {
      return await replay(token, (id) => (id === this.#scenario.id ? this.#scenario : undefined));
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.#skipped.push(error.message);
      return null;
    }
  }

  /**
   * Repeats the first runs, then makes a few later ones twice: a program that uses chance, or memory that it shares with others, may
   * have violated nothing only for that reason.
   */
  async #reportUnstable(): Promise<ScenarioReport | null> {
    if (this.#searched.runs === 0 || this.#deadline.why === 'interrupted') return null;
    const { seed, strategy = DEFAULT_STRATEGY, patienceMs } = this.#options;
    const stop = this.#deadline.withGrace(this.#options.budgetMs ?? Number.POSITIVE_INFINITY);
    const first = this.#searched.shared ?? (await this.#isolation.repeatFirst(stop));
    if (first !== null) return this.#reportShared(first);
    const { from } = rangeOf(this.#options);
    const estimates = await estimatesOf(this.#scenario, patienceMs, stop);
    for (let number = from; number < from + SAMPLE_RUNS && estimates !== null && !stop.aborted; number++) {
      if (number > from && this.#deadline.aborted) return null;
      const choices = strategy.choices(mix(seed, number), { ...estimates, number });
      const shared = await this.#isolation.sample(choices, this.#notes, stop);
      if (shared !== null) return this.#reportShared(shared);
    }
    if (stop.aborted) this.#isolation.cutShort();
    return null;
  }

  #reportShared(shared: SharedMemory): ScenarioReport {
    const unstable = encodeToken(this.#scenario, shared.schedule);
    return this.#report('nondeterministic', { unstable, reason: describeShared(shared) });
  }

  /** Null: the schedule does not fail again. */
  async #minimise(schedule: Schedule, failure: Failure): Promise<Replay | null> {
    const again = await replaySchedule(this.#scenario, schedule, this.#options.patienceMs);
    if (again.verdict === 'nondeterministic') return again;
    if (again.failure?.invariant !== failure.invariant) return null;
    // Each attempt to make it smaller would wait for the end of our patience.
    if (isByRealTime(failure)) return again;
    const signal = this.#untilShrunk();
    const minimal =
      failure.invariant === BUILT_IN['step-bound']
        ? await shrinkEndless(this.#scenario, schedule, failure, signal)
        : await shrink(this.#scenario, schedule, failure, { signal });
    this.#cutShort = minimal.cutShort;
    if (encodeToken(this.#scenario, minimal.schedule) === again.token) return again;
    return replaySchedule(this.#scenario, minimal.schedule);
  }

  /** When shrinking and explaining end. Fixed at the first call, which is when the violation was found. */
  #untilShrunk(): Deadline {
    if (this.#shrinkDeadline !== null) return this.#shrinkDeadline;
    const now = performance.now();
    const { budgetMs = Number.POSITIVE_INFINITY, withinMs = Number.POSITIVE_INFINITY } = this.#options;
    const ends = [this.#deadline.withGrace(budgetMs).endsAtMs, now + MAX_SHRINK_MS, this.#begunAt + withinMs];
    this.#shrinkDeadline = this.#deadline.until(Math.min(...ends));
    return this.#shrinkDeadline;
  }

  async #reportFound(failure: Failure, again: Replay, run: number | null): Promise<ScenarioReport> {
    if (again.verdict === 'nondeterministic') {
      return this.#report('nondeterministic', {
        unstable: again.token,
        reason: describeDifference(again.difference!),
        firstViolationAtRun: run,
      });
    }
    for (const note of again.notes) this.#notes.set(note, note);
    const { schedule } = decodeToken(again.token);
    const shared = await this.#isolation.explain({ schedule, events: again.events, failure }, failure);
    if (shared !== null) return this.#reportShared(shared);
    const stop = this.#untilShrunk();
    const critical = await criticalOf(again, stop);
    const message = await this.#explain(failure, again.token, stop);
    const violation: Violation = {
      ...{ ...failure, message, ...again.cost, token: again.token, starts: again.starts, critical },
      ...(this.#cutShort !== null && { cutShort: this.#cutShort }),
    };
    const { omitted, unexercised } = gapsOf(this.#searched, this.#searched.runs);
    // What never came true in the end may depend on what never happened: a start that was due too late, a mistyped mark.
    const isLiveness = this.#scenario.invariants.some(
      ({ kind, name }) => kind === 'eventually' && name === failure.invariant,
    );
    const gaps = isLiveness ? describeGaps({ omitted, unexercised, unreached: [] }) : null;
    if (gaps !== null) this.#notes.set('gaps', `until then, ${gaps}`);
    return this.#report('violated', { violations: [violation], firstViolationAtRun: run, omitted });
  }

  /** @param recorded a violation of before that is still there: rare, and known all the same */
  async #explain({ invariant, message }: Failure, token: string, stop: Deadline): Promise<string> {
    if (invariant !== BUILT_IN['step-bound']) return message;
    const why = await classifyStepBound(this.#scenario, decodeToken(token).schedule, stop);
    return why === null ? message : `${message}: ${why}`;
  }

  async #reportNone(recorded: Replay | null): Promise<ScenarioReport> {
    const { runs } = this.#searched;
    if (recorded?.failure) return this.#reportFound(recorded.failure, recorded, null);
    if (this.#deadline.why === 'interrupted') return this.#report('inconclusive', { reason: 'interrupted' });
    if (runs === 0) {
      const reason = this.#deadline.aborted ? 'the time was up before the first run' : NOTHING_RAN;
      return this.#report('inconclusive', { reason });
    }
    if (this.#onlyFirst) {
      const first = runs === 1 ? 'the first run' : `the first ${runs} runs`;
      return this.#report('inconclusive', { reason: `the time was up after ${first}` });
    }
    const asked = countRuns(this.#options);
    if (Number.isFinite(asked) && runs < asked) {
      return this.#report('inconclusive', { reason: `the time was up after ${runs} of ${asked} runs` });
    }
    return this.#reportNothingFound();
  }

  /** All runs were made, and none violated anything: whether that means something. */
  #reportNothingFound(): ScenarioReport {
    const { expects } = this.#scenario;
    const { allowOmitted = false } = this.#options;
    const judged = judgeNothingFound(this.#searched, this.#searched.runs, { expects, allowOmitted });
    return this.#report(judged.verdict, judged);
  }

  /** A program that crashes, or hangs, is not the bug that was to be seen, unless the scenario says so. */
  #isExpected({ invariant }: Violation): boolean {
    const { violates, invariants } = this.#scenario;
    return violates === undefined
      ? invariants.some(({ name }) => name === invariant)
      : violates === invariant;
  }

  #report(verdict: Verdict, rest: Partial<ScenarioReport>): ScenarioReport {
    const { id, expects } = this.#scenario;
    const ok =
      expects === 'pass' ? verdict === 'passed' : rest.violations?.some((found) => this.#isExpected(found));
    return {
      id,
      expects,
      verdict,
      ok: ok ?? false,
      runs: this.#searched.runs,
      steps: this.#searched.steps,
      seconds: (performance.now() - this.#begunAt) / 1000,
      firstViolationAtRun: null,
      foundBy: rest.firstViolationAtRun == null ? null : (this.#searched.found?.by ?? null),
      strategies: this.#searched.strategies,
      abstractStates: this.#searched.states?.length,
      violations: [],
      ...pickCoverage(this.#searched),
      omitted: [],
      assumed: [...assumptionsOf(this.#scenario), ...this.#isolation.assumed],
      bounds: runBoundsOf(this.#scenario, this.#searched),
      reason: null,
      ...(this.#skipped.length > 0 && { skipped: this.#skipped }),
      ...(this.#changed.length > 0 && { changed: this.#changed }),
      ...(this.#notes.size > 0 && { notes: [...this.#notes.values()] }),
      ...rest,
    };
  }
}

/** The reason of a verdict where no run was asked for, as of a shard that has no part. */
export const NOTHING_RAN = 'nothing ran';

/** How many runs are looked at for determinism when nothing is violated. */
const SAMPLE_RUNS = 3;

function pickCoverage(coverage: Coverage): Coverage {
  const { sometimes, exercised, started, struck, spawned, unawaitedSleepMs } = coverage;
  return { sometimes, exercised, started, struck, spawned, unawaitedSleepMs };
}
