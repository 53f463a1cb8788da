import { mix, RandomChoices } from './choices/random.ts';
import { RecordedChoices, type Schedule } from './choices/recorded.ts';
import { DEFAULT_STRATEGY, type Hints, type Strategy } from './choices/strategies.ts';
import { executeAll, executeOne } from './execute.ts';
import { type Difference, type Replay, replay, replaySchedule } from './replay.ts';
import { type Failure, Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import { type Cost, shrink } from './shrink.ts';

export interface CheckOptions {
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
  /** Tokens of this scenario from earlier checks: replayed first. */
  recorded?: readonly string[];
  /** Ends the search early; what is known by then is reported. */
  signal?: AbortSignal;
  /** Called now and then, between runs. */
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  id: string;
  runs: number;
  /** How many runs there will be, as far as is known. */
  of: number | null;
  steps: number;
}

export type Verdict = 'passed' | 'violated' | 'inconclusive' | 'nondeterministic';

/** What the check of one scenario has found. Plain data. */
export interface ScenarioReport {
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
  readonly violations: readonly Violation[];
  /** How many runs reached each `sometimes`. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** Why the verdict is inconclusive or nondeterministic. */
  readonly why: string | null;
}

/** A minimal run that violates an invariant, and the token to have it again. */
export interface Violation extends Failure, Cost {
  readonly token: string;
}

export const DEFAULT_RUNS = 1_000;

/** Searches a scenario for runs that violate its invariants. Ends at the first, made as small as can be. */
export async function check(scenario: Scenario, options: CheckOptions): Promise<ScenarioReport> {
  return new Check(scenario, options).check();
}

class Check {
  readonly #scenario: Scenario;
  readonly #options: CheckOptions;
  readonly #begunAt = performance.now();
  readonly #sometimes = new Map<string, number>();
  #runs = 0;
  #steps = 0;

  constructor(scenario: Scenario, options: CheckOptions) {
    this.#scenario = scenario;
    this.#options = options;
    for (const { kind, name } of scenario.invariants) if (kind === 'sometimes') this.#sometimes.set(name, 0);
  }

  async check(): Promise<ScenarioReport> {
    for (const token of this.#options.recorded ?? []) {
      const again = await replay(token, () => this.#scenario);
      if (again.failure !== null) return this.#reportFound(again.failure, again, null);
    }
    const found = await this.#search();
    if (found === null) return this.#reportNone();
    const { failure, schedule, run } = found;
    const minimal = await this.#minimise(schedule, failure);
    if (minimal === null) {
      return this.#report('nondeterministic', {
        why: `run ${run} violated "${failure.invariant}"; replayed, the same schedule did not`,
      });
    }
    return this.#reportFound(minimal.failure ?? failure, minimal, run);
  }

  /** The first run that fails. */
  async #search(): Promise<{ failure: Failure; schedule: Schedule; run: number } | null> {
    const {
      seed,
      runs,
      budgetMs,
      strategy = DEFAULT_STRATEGY,
      shard = { index: 0, of: 1 },
      signal,
    } = this.#options;
    const { from, to } = this.#options.range ?? {
      from: 0,
      to: runs ?? (budgetMs === undefined ? DEFAULT_RUNS : Number.POSITIVE_INFINITY),
    };
    const endsAt = this.#begunAt + (budgetMs ?? Number.POSITIVE_INFINITY);
    const hints = await hintsOf(this.#scenario);
    let found: { failure: Failure; schedule: Schedule; run: number } | null = null;
    let recorded: RecordedChoices;
    let number = from + ((((shard.index - from) % shard.of) + shard.of) % shard.of);
    const first = number;
    const next = (): Run | null => {
      if (found !== null || number >= to || signal?.aborted || performance.now() > endsAt) return null;
      recorded = new RecordedChoices(strategy.choices(mix(seed, number), hints));
      number += shard.of;
      return new Run(this.#scenario, recorded);
    };
    const done = (run: Run, failure: Failure | null): void => {
      this.#runs++;
      this.#steps += run.machine.steps;
      this.#countSometimes(run);
      if (failure !== null) found = { failure, schedule: recorded.schedule, run: number - shard.of + 1 };
      if (this.#runs % PROGRESS_EVERY === 0) {
        const of = Number.isFinite(to) ? Math.ceil((to - first) / shard.of) : null;
        this.#options.onProgress?.({ id: this.#scenario.id, runs: this.#runs, of, steps: this.#steps });
      }
    };
    await executeAll(next, done);
    return found;
  }

  #countSometimes(run: Run): void {
    for (const invariant of this.#scenario.invariants) {
      if (invariant.kind !== 'sometimes' || !invariant.happened(run.world)) continue;
      this.#sometimes.set(invariant.name, this.#sometimes.get(invariant.name)! + 1);
    }
  }

  /** Null: the schedule does not fail again. */
  async #minimise(schedule: Schedule, failure: Failure): Promise<Replay | null> {
    const again = await replaySchedule(this.#scenario, schedule);
    if (again.failure?.invariant !== failure.invariant) return null;
    if (again.verdict === 'nondeterministic') return again;
    const minimal = await shrink(this.#scenario, schedule, failure);
    return replaySchedule(this.#scenario, minimal.schedule);
  }

  #reportFound(failure: Failure, again: Replay, run: number | null): ScenarioReport {
    if (again.verdict === 'nondeterministic') {
      return this.#report('nondeterministic', {
        why: describeDifference(again.difference!),
        firstViolationAtRun: run,
      });
    }
    const violation: Violation = { ...failure, ...again.cost, token: again.token };
    return this.#report('violated', { violations: [violation], firstViolationAtRun: run });
  }

  #reportNone(): ScenarioReport {
    if (this.#runs === 0) return this.#report('inconclusive', { why: 'nothing ran' });
    const unreached = [...this.#sometimes].filter(([, count]) => count === 0).map(([name]) => name);
    if (unreached.length > 0 && this.#scenario.expects === 'pass') {
      return this.#report('inconclusive', { why: `never reached: ${unreached.join(', ')}` });
    }
    return this.#report('passed', {});
  }

  #report(verdict: Verdict, rest: Partial<ScenarioReport>): ScenarioReport {
    const { id, expects } = this.#scenario;
    return {
      id,
      expects,
      verdict,
      ok: verdict === (expects === 'pass' ? 'passed' : 'violated'),
      runs: this.#runs,
      steps: this.#steps,
      seconds: (performance.now() - this.#begunAt) / 1000,
      firstViolationAtRun: null,
      violations: [],
      sometimes: Object.fromEntries(this.#sometimes),
      why: null,
      ...rest,
    };
  }
}

/** `onProgress` is called once in so many runs. */
const PROGRESS_EVERY = 100;

/** Measured on one run with fixed choices, so that every shard and worker knows the same. */
async function hintsOf(scenario: Scenario): Promise<Hints> {
  const choices = new RecordedChoices(new RandomChoices(0));
  await executeOne(new Run(scenario, choices));
  return { choices: choices.schedule.schedule.length };
}

export function describeDifference({ step, first, second }: Difference): string {
  const told = (event: typeof first) =>
    event === null
      ? 'nothing'
      : `${event.process} ${event.op} ${JSON.stringify(event.args)} -> ${JSON.stringify(event.result)}`;
  return `the same schedule ran two ways, first at step ${step}: ${told(first)}; then ${told(second)}. A program uses time, chance or memory that is not the machine's`;
}
