/**
 * Checks a scenario: replays recorded tokens, searches for a run that violates an invariant, shrinks it, and explains it. For example,
 * with the naive lock:
 *
 *   const report = await check(coldStart, { seed: 1 });
 *   report.verdict                    // 'violated'
 *   report.firstViolationAtRun        // 4
 *   report.violations[0].message      // '2 owners at once: worker#1 and worker#4'
 *   report.violations[0].steps        // 18, after shrinking
 *   report.violations[0].critical     // steps 11 and 17: if they are swapped, the invariant holds
 *
 * If no run violates anything, the verdict is `passed` only if the coverage is complete, and the same schedules give the same runs
 * again.
 */
import { describeGaps, gapsOf } from '../run/coverage.ts';
import { Deadline } from '../run/deadline.ts';
import { BUILT_IN, type Failure } from '../run/failure.ts';
import { ENDED_BY_REAL_TIME, isByRealTime } from '../run/real-time.ts';
import type { Schedule } from '../run/recorded-choices.ts';
import { checkScenario } from '../scenario/arguments.ts';
import type { Scenario } from '../scenario/options.ts';
import { ScenarioError } from '../scenario/scenario.ts';
import { PassThrough, type Thrown, thrownOf } from '../scenario/thrown.ts';
import { mix } from '../schedule/random.ts';
import { DEFAULT_STRATEGY } from '../schedule/strategies.ts';
import { decodeToken, encodeToken } from '../schedule/token.ts';
import { type CheckOptions, type Settled, settle } from './check-options.ts';
import { criticalOf } from './critical.ts';
import { estimatesOf } from './estimates.ts';
import { describeDifference, whyUnstable } from './explain-difference.ts';
import { failingOf, firstRunsOf } from './isolation/first-runs.ts';
import { Isolation } from './isolation/isolation.ts';
import { replayRecorded } from './recorded-tokens.ts';
import { type Replay, replaySchedule } from './replay.ts';
import { ReportBuilder } from './report-builder.ts';
import type { ScenarioReport, Violation } from './scenario-report.ts';
import { search } from './search.ts';
import { rangeOf, type SearchOptions } from './search-options.ts';
import { shrinkFound } from './shrink-endless.ts';
import { classifyStepBound } from './step-bound.ts';

/** Much longer than any built-in scenario needs; prevents a scenario with long runs from delaying all others. Chosen by hand. */
const MAX_SHRINK_MS = 60_000;

/**
 * Searches a scenario for a run that violates an invariant. Stops at the first one and shrinks it. An exception that is thrown
 * outside a run, by code of the scenario or of this library, is reported as `error`.
 *
 * @throws TypeError if it is not given a scenario, or an option that it does not know, or one of another type
 * @throws RangeError if the shard or a number among the options is invalid
 * @throws ScenarioError if a `search` of the caller rejects the scenario
 */
export async function check(scenario: Scenario, options: CheckOptions): Promise<ScenarioReport> {
  checkScenario('check', scenario);
  const begun = new Check(scenario, settle(options));
  try {
    return await begun.check();
  } catch (error) {
    if (error instanceof PassThrough || error instanceof ScenarioError) throw error;
    return begun.reportThrown(thrownOf(error));
  }
}

class Check {
  readonly #scenario: Scenario;
  readonly #options: Settled;
  readonly #begunAt: number;
  readonly #deadline: Deadline;
  #shrinkDeadline: Deadline | null = null;
  readonly #isolation: Isolation;
  #cutShort: string | null = null;
  readonly #builder: ReportBuilder;

  constructor(scenario: Scenario, options: Settled) {
    this.#scenario = scenario;
    this.#options = options;
    this.#isolation = new Isolation(scenario, options);
    this.#begunAt = performance.now() - (options.takenMs ?? 0);
    const { budgetMs = Number.POSITIVE_INFINITY, signal } = options;
    this.#deadline = new Deadline(performance.now() + budgetMs, signal);
    this.#builder = new ReportBuilder(scenario, this.#isolation, this.#begunAt);
    for (const note of options.notes) this.#builder.notes.set(note, note);
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
    // First, because a program that changes variables of its module may behave correctly only in its first runs.
    await estimatesOf(this.#scenario, this.#options.hangTimeoutMs, this.#deadline);
    const first = this.#options.bounded ? null : firstRunsOf(this.#scenario);
    const { recorded = [] } = this.#options;
    this.#builder.recorded = await replayRecorded(this.#scenario, recorded, {
      stop: this.#deadline,
      hangTimeoutMs: this.#options.hangTimeoutMs,
    });
    const again = this.#builder.recorded.first;
    // A known bug is searched again anyway, so that each check proves that the search can find it.
    if (again?.failure && this.#scenario.expects === 'pass')
      return this.#reportFound(again.failure, again, null);
    this.#builder.searched = await (this.#options.search ?? search)(this.#scenario, this.#searchOptions);
    if (this.#builder.searched.runs === 0 && first !== null && first.runs.length > 0)
      this.#builder.countFirst(first);
    // A failure of a first run counts if no later run fails: a program that does not yield may use up all the time.
    const failing = first && failingOf(first, this.#builder.onlyFirst);
    const found = this.#builder.searched.found ?? (failing && { ...failing, run: 1 });
    if (this.#builder.searched.found === null) {
      const unstable = await this.#reportUnstable();
      if (unstable !== null || found === null) return unstable ?? this.#reportNone();
    }
    const { failure, schedule, run } = found!;
    const minimal = await this.#minimise(schedule, failure);
    if (minimal === 'interrupted') return this.#reportInterrupted(failure, run);
    if (minimal === null && isByRealTime(failure)) return this.#reportNone();
    if (minimal === null) {
      return this.#builder.report('nondeterministic', {
        unstable: encodeToken(this.#scenario, schedule),
        reason: `run ${run} violated "${failure.invariant}"; replayed, the same schedule did not. ${whyUnstable(await this.#isolation.suspects())}`,
      });
    }
    return this.#reportFound(minimal.failure ?? failure, minimal, run);
  }

  reportThrown(error: Thrown): ScenarioReport {
    return this.#builder.thrown(error);
  }

  /** The budget that is left after replaying the recorded tokens. */
  get #searchOptions(): SearchOptions {
    const { budgetMs } = this.#options;
    return budgetMs === undefined ? this.#options : { ...this.#options, budgetMs: this.#deadline.leftMs };
  }

  /**
   * Repeats the first runs, then makes a few later ones twice: randomness or memory shared between programs may be the only reason
   * why nothing was violated.
   */
  async #reportUnstable(): Promise<ScenarioReport | null> {
    if (this.#builder.searched.runs === 0 || this.#deadline.why === 'interrupted') return null;
    const { seed, strategy = DEFAULT_STRATEGY, hangTimeoutMs } = this.#options;
    const stop = this.#deadline.withGrace(this.#options.budgetMs ?? Number.POSITIVE_INFINITY);
    const first = this.#builder.searched.shared ?? (await this.#isolation.repeatFirst(stop));
    if (first !== null) return this.#builder.sharedMemory(first);
    const { from } = rangeOf(this.#options);
    const estimates = await estimatesOf(this.#scenario, hangTimeoutMs, stop);
    for (let number = from; number < from + SAMPLE_RUNS && estimates !== null && !stop.aborted; number++) {
      if (number > from && this.#deadline.aborted) return null;
      const choices = strategy.choices(mix(seed, number), { ...estimates, number });
      const shared = await this.#isolation.sample(choices, this.#builder.notes, stop);
      if (shared !== null) return this.#builder.sharedMemory(shared);
    }
    if (stop.aborted) this.#isolation.cutShort();
    return null;
  }

  /** `null` if the schedule does not fail again. `interrupted`: that is not known, since the real clock has ended a run of it. */
  async #minimise(schedule: Schedule, failure: Failure): Promise<Replay | 'interrupted' | null> {
    const { hangTimeoutMs } = this.#options;
    const again = await replaySchedule(this.#scenario, schedule, hangTimeoutMs);
    if (again.verdict === 'nondeterministic') return again;
    if (again.verdict === 'inconclusive') return 'interrupted';
    if (isByRealTime(again.failure) && !isByRealTime(failure)) return 'interrupted';
    if (again.failure?.invariant !== failure.invariant) return null;
    // Each attempt to shrink it would wait for the timeout.
    if (isByRealTime(failure)) return again;
    const limits = { stop: this.#untilShrunk(), hangTimeoutMs };
    const minimal = await shrinkFound(this.#scenario, schedule, failure, limits);
    this.#cutShort = minimal === null ? ENDED_BY_REAL_TIME : minimal.cutShort;
    if (minimal === null || encodeToken(this.#scenario, minimal.schedule) === again.token) return again;
    const smaller = await replaySchedule(this.#scenario, minimal.schedule, hangTimeoutMs);
    if (smaller.verdict !== 'inconclusive' && !isByRealTime(smaller.failure)) return smaller;
    this.#cutShort = ENDED_BY_REAL_TIME;
    return again;
  }

  #reportInterrupted({ invariant }: Failure, run: number): ScenarioReport {
    const reason = `run ${run} violated "${invariant}"; when it was replayed, ${ENDED_BY_REAL_TIME}`;
    return this.#builder.report('inconclusive', { reason });
  }

  /** When shrinking and explaining end. Computed at the first call, when the violation was found. */
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
      return this.#builder.report('nondeterministic', {
        unstable: again.token,
        reason: describeDifference(again.difference!),
        firstViolationAtRun: run,
      });
    }
    for (const note of again.notes) this.#builder.notes.set(note, note);
    const { schedule } = decodeToken(again.token);
    const shared = await this.#isolation.explain({ schedule, events: again.events, failure }, failure);
    if (shared !== null) return this.#builder.sharedMemory(shared);
    const stop = this.#untilShrunk();
    const critical = await criticalOf(again, stop, this.#options.hangTimeoutMs);
    const message = await this.#explain(failure, again.token, stop);
    const violation: Violation = {
      ...{ ...failure, message, ...again.cost, token: again.token, starts: again.starts, critical },
      ...(this.#cutShort !== null && { cutShort: this.#cutShort }),
    };
    const { runs } = this.#builder.searched;
    if (run === null && runs === 0) return this.#builder.notSearched([violation]);
    const { omitted, unexercised, causes } = gapsOf(this.#builder.searched, runs);
    // A liveness violation may be caused by something that never happened: a start that was due too late, a mistyped mark.
    const isLiveness = this.#scenario.invariants.some(
      ({ kind, name }) => kind === 'eventually' && name === failure.invariant,
    );
    const gaps = isLiveness ? describeGaps({ omitted, unexercised, unreached: [], causes }) : null;
    if (gaps !== null) this.#builder.notes.set('gaps', `until then, ${gaps}`);
    return this.#builder.report('violated', { violations: [violation], firstViolationAtRun: run, omitted });
  }

  /** @param recorded a recorded violation that still occurs, although the search did not find it */
  async #explain({ invariant, message }: Failure, token: string, stop: Deadline): Promise<string> {
    if (invariant !== BUILT_IN['step-bound']) return message;
    const { schedule } = decodeToken(token);
    const { hangTimeoutMs } = this.#options;
    const why = await classifyStepBound(this.#scenario, schedule, stop, hangTimeoutMs);
    return why === null ? message : `${message}: ${why}`;
  }

  async #reportNone(): Promise<ScenarioReport> {
    const { first } = this.#builder.recorded;
    if (first?.failure) return this.#reportFound(first.failure, first, null);
    return this.#builder.nothingFound(this.#options, this.#deadline.why);
  }
}

/** How many runs are made twice to test determinism, if nothing is violated. Chosen by hand, for speed (decision 28). */
const SAMPLE_RUNS = 3;
