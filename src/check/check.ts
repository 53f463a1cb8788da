import { hintsOf } from './choices/profile.ts';
import { mix } from './choices/random.ts';
import type { Schedule } from './choices/recorded.ts';
import { DEFAULT_STRATEGY } from './choices/strategies.ts';
import { type Coverage, CoverageCounter, describeGaps, gapsOf } from './coverage.ts';
import { type Critical, criticalOf } from './critical.ts';
import { whyEndless } from './livelock.ts';
import {
  type Difference,
  findUnstable,
  type Replay,
  replay,
  replaySchedule,
  type StartsOfRun,
} from './replay.ts';
import { BUILT_IN, type Failure } from './run.ts';
import { assumptionsOf, type RunBounds, runBoundsOf } from './run-bounds.ts';
import type { Scenario } from './scenario.ts';
import { checkShard, countRuns, rangeOf, type Searched, type SearchOptions, search } from './search.ts';
import { type Cost, shrink } from './shrink.ts';
import { decodeToken, encodeToken, TokenError } from './token.ts';

/** How a scenario is checked: how it is searched, and what comes first. */
export interface CheckOptions extends SearchOptions {
  /** Tokens of this scenario from earlier checks: replayed first. Those of another definition are skipped, and told. */
  recorded?: readonly (string | Recorded)[];
  /** Does the searching; {@link search} unless said. */
  search?: (scenario: Scenario, options: SearchOptions) => Promise<Searched>;
  /** Real time that this check has already taken, elsewhere. */
  takenMs?: number;
  /** Whether a check that found nothing is ok although parts of the scenario were not run. Default: false. */
  allowOmitted?: boolean;
}

export interface Recorded {
  readonly token: string;
  /** What it shows, in one sentence. */
  readonly why: string;
}

/**
 * What is known of a scenario after a check. `passed`: no violation was found, all that the scenario demands was run, and
 * every invariant was exercised. `inconclusive`: one of these is not so; see `reason`.
 */
export type Verdict = 'passed' | 'violated' | 'inconclusive' | 'nondeterministic';

/** What the check of one scenario has found. Plain data. */
export interface ScenarioReport extends Coverage {
  readonly id: string;
  readonly expects: 'pass' | 'violation';
  readonly verdict: Verdict;
  /** Whether that is what the scenario expects. */
  readonly ok: boolean;
  readonly runs: number;
  readonly steps: number;
  /** Real. */
  readonly seconds: number;
  /** Counted from 1. */
  readonly firstViolationAtRun: number | null;
  /** The strategy that has found it; null: nothing was found, or in a recorded token. */
  readonly foundBy?: string | null | undefined;
  /** How many runs each strategy has had. */
  readonly strategies?: Readonly<Record<string, number>> | undefined;
  /** How many abstract states were reached: see the strategy `novelty`, whose runs are watched for that. */
  readonly abstractStates?: number | undefined;
  readonly violations: readonly Violation[];
  /** Parts of the scenario that no run had, in words. */
  readonly omitted: readonly string[];
  /** What the check took as given, and could hide a violation. */
  readonly assumed: readonly string[];
  /** How far runs go. */
  readonly bounds: RunBounds;
  /** Why the verdict is inconclusive or nondeterministic. */
  readonly reason: string | null;
  /** Of a nondeterministic verdict: the schedule that ran two ways. */
  readonly unstable?: string | undefined;
  /** Why which of the recorded tokens were not replayed. */
  readonly skipped?: readonly string[] | undefined;
  /** Of a known bug: which of the recorded tokens do not show it any more. */
  readonly changed?: readonly string[] | undefined;
}

/** A minimal run that violates an invariant, and the token to have it again. */
export interface Violation extends Failure, Cost {
  readonly token: string;
  /** Which of the scenario's starts the run has. */
  readonly starts: StartsOfRun;
  /** The two events whose order decides; null: not two alone. */
  readonly critical: Critical | null;
}

/** Searches a scenario for runs that violate its invariants. Ends at the first, made as small as can be. */
export async function check(scenario: Scenario, options: CheckOptions): Promise<ScenarioReport> {
  return new Check(scenario, options).check();
}

class Check {
  readonly #scenario: Scenario;
  readonly #options: CheckOptions;
  readonly #begunAt: number;
  readonly #skipped: string[] = [];
  readonly #changed: string[] = [];
  #searched: Searched;

  constructor(scenario: Scenario, options: CheckOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#begunAt = performance.now() - (options.takenMs ?? 0);
    if (options.shard !== undefined) checkShard(options.shard);
    this.#searched = { runs: 0, steps: 0, ...new CoverageCounter(scenario).counts, found: null };
  }

  async check(): Promise<ScenarioReport> {
    const recorded = await this.#replayRecorded();
    // A known bug is searched all the same: each check proves anew that the search can see.
    if (recorded?.failure && this.#scenario.expects === 'pass')
      return this.#reportFound(recorded.failure, recorded, null);
    this.#searched = await (this.#options.search ?? search)(this.#scenario, this.#options);
    if (this.#searched.found === null) return (await this.#reportUnstable()) ?? this.#reportNone(recorded);
    const { failure, schedule, run } = this.#searched.found;
    const minimal = await this.#minimise(schedule, failure);
    if (minimal === null) {
      return this.#report('nondeterministic', {
        unstable: encodeToken(this.#scenario, schedule),
        reason: `run ${run} violated "${failure.invariant}"; replayed, the same schedule did not`,
      });
    }
    return this.#reportFound(minimal.failure ?? failure, minimal, run);
  }

  /** The first recorded token that still violates something. */
  async #replayRecorded(): Promise<Replay | null> {
    const { expects } = this.#scenario;
    let first: Replay | null = null;
    for (const entry of this.#options.recorded ?? []) {
      if (this.#options.signal?.aborted) break;
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

  /** A few runs that violated nothing, each twice: a program that rolls dice may have been lucky. */
  async #reportUnstable(): Promise<ScenarioReport | null> {
    if (this.#searched.runs === 0) return null;
    const { seed, strategy = DEFAULT_STRATEGY, patienceMs } = this.#options;
    const { from } = rangeOf(this.#options);
    const hints = await hintsOf(this.#scenario, patienceMs);
    for (let number = from; number < from + SAMPLE_RUNS; number++) {
      const choices = strategy.choices(mix(seed, number), { ...hints, number });
      const unstable = await findUnstable(this.#scenario, choices, patienceMs);
      if (unstable !== null) {
        const token = encodeToken(this.#scenario, unstable.schedule);
        return this.#report('nondeterministic', {
          unstable: token,
          reason: describeDifference(unstable.difference),
        });
      }
    }
    return null;
  }

  /** Null: the schedule does not fail again. */
  async #minimise(schedule: Schedule, failure: Failure): Promise<Replay | null> {
    const again = await replaySchedule(this.#scenario, schedule, this.#options.patienceMs);
    if (again.verdict === 'nondeterministic') return again;
    if (again.failure?.invariant !== failure.invariant) return null;
    // Each attempt to make it smaller would wait for the end of our patience.
    const waits: readonly string[] = [BUILT_IN['never-yields'], BUILT_IN['hung-invariant']];
    if (waits.includes(failure.invariant)) return again;
    const { signal } = this.#options;
    const minimal = await shrink(this.#scenario, schedule, failure, { signal });
    return replaySchedule(this.#scenario, minimal.schedule);
  }

  async #reportFound(failure: Failure, again: Replay, run: number | null): Promise<ScenarioReport> {
    if (again.verdict === 'nondeterministic') {
      return this.#report('nondeterministic', {
        unstable: again.token,
        reason: describeDifference(again.difference!),
        firstViolationAtRun: run,
      });
    }
    const critical = await criticalOf(again);
    const message = await this.#explain(failure, again.token);
    const { cost, starts } = again;
    const violation: Violation = { ...failure, message, ...cost, token: again.token, starts, critical };
    return this.#report('violated', { violations: [violation], firstViolationAtRun: run });
  }

  /** @param recorded a violation of before that is still there: rare, and known all the same */
  async #explain({ invariant, message }: Failure, token: string): Promise<string> {
    if (invariant !== BUILT_IN['step-bound']) return message;
    return `${message}: ${await whyEndless(this.#scenario, decodeToken(token).schedule)}`;
  }

  async #reportNone(recorded: Replay | null): Promise<ScenarioReport> {
    const { runs } = this.#searched;
    if (recorded?.failure) return this.#reportFound(recorded.failure, recorded, null);
    if (runs === 0) return this.#report('inconclusive', { reason: 'nothing ran' });
    if (this.#options.signal?.aborted) return this.#report('inconclusive', { reason: 'interrupted' });
    const asked = countRuns(this.#options);
    if (Number.isFinite(asked) && runs < asked) {
      return this.#report('inconclusive', { reason: `the time was up after ${runs} of ${asked} runs` });
    }
    return this.#reportNothingFound();
  }

  /** All runs were made, and none violated anything: whether that means something. */
  #reportNothingFound(): ScenarioReport {
    const gaps = gapsOf(this.#searched, this.#searched.runs);
    const reason = this.#scenario.expects === 'pass' ? describeGaps(gaps) : null;
    if (reason === null) return this.#report('passed', {});
    const isWhole = gaps.omitted.length === 0 || this.#options.allowOmitted === true;
    const ok = isWhole && gaps.unexercised.length === 0 && gaps.unreached.length === 0;
    return this.#report('inconclusive', { reason, omitted: gaps.omitted, ok });
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
      assumed: assumptionsOf(this.#scenario),
      bounds: runBoundsOf(this.#scenario),
      reason: null,
      ...(this.#skipped.length > 0 && { skipped: this.#skipped }),
      ...(this.#changed.length > 0 && { changed: this.#changed }),
      ...rest,
    };
  }
}

/** How many runs are looked at for determinism when nothing is violated. */
const SAMPLE_RUNS = 3;

export function describeDifference({ step, first, second }: Difference): string {
  const told = (event: typeof first) =>
    event === null
      ? 'nothing'
      : `${event.process} ${event.op} ${JSON.stringify(event.args)} -> ${JSON.stringify(event.result)}`;
  return `the same schedule ran two ways, first at step ${step}: ${told(first)}; then ${told(second)}. A program uses time, chance or memory that is not the machine's`;
}

function pickCoverage({ sometimes, exercised, started, struck }: Coverage): Coverage {
  return { sometimes, exercised, started, struck };
}
