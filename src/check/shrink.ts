/**
 * Shrinks a failing run: removes parts of its action log as long as the run still violates the same invariant. In the spirit of ddmin
 * (Zeller, Hildebrandt, TSE 2002). For example, where each letter is a block of consecutive actions of process A, B or C:
 *
 *   A B C kill A C B A   violates the invariant
 *   A B C kill A         still does; default choices follow the cut
 *   A B C A              still does without the kill
 *   A B A                still does without process C
 *   B A                  does not, so the first block of A stays
 *
 * Differences from ddmin: removing actions always gives a valid run, since actions that cannot happen any more are skipped, and
 * every attempt is executed. Candidates are ordered by what helps a reader most: cut the tail, remove faults, then processes, then
 * context switches. Blocks of every size n, n/2, …, 1 are removed at every position, not only at multiples of the size, and single
 * blocks are also moved. When removing a process needs other choices, a few new runs are searched.
 */
import { Deadline, type Stop } from '../run/deadline.ts';
import type { Failure } from '../run/failure.ts';
import { ENDED_BY_REAL_TIME, isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { whole } from '../scenario/wording.ts';
import type { Choices } from '../sim/index.ts';
import { type Attempt, recordRun, runUntil } from './attempt.ts';
import { type Counterexample, costOf, isLess } from './counterexample.ts';
import { estimatesOf } from './estimates.ts';
import { type Pass, passesFor } from './shrink-passes.ts';

type FailingAttempt = Counterexample & Omit<Attempt, 'run'>;

/** The result of shrinking. */
export interface Shrunk extends Counterexample {
  /** Why it stopped although there was more to try; `null` if there was not. */
  readonly cutShort: string | null;
}

export interface ShrinkOptions {
  /** Stops when all attempts together have taken this many steps; the start of a run counts as 50. Default: 1,000,000. */
  maxSteps?: number;
  /** Stops early: the smallest run so far is returned. */
  signal?: Stop | undefined;
  /** Real time after which a program that does not yield is interrupted. Default: 5,000. */
  hangTimeoutMs?: number | undefined;
}

/** The run to shrink was interrupted by the real clock, so it cannot be compared with others. */
export class NotRepeated extends Error {}

/** About 5 s: measured, 140,000 to 500,000 steps per second on an idle core. */
const MAX_SHRINK_STEPS = 1_000_000;

/** What the start of a run costs, in steps: measured, 0.1 to 0.3 ms. */
const START_STEPS = 50;

/**
 * Finds a smaller run that violates the same invariant: with fewer faults, fewer processes, fewer switches, fewer steps. Every
 * attempt is executed, and the result is the schedule of a real run.
 *
 * @throws NotRepeated if the machine was too busy to repeat the run
 * @throws Error if the run does not violate the invariant again
 */
export async function shrink(
  scenario: Scenario,
  found: Schedule,
  failure: Failure,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const shrinker = new Shrinker(scenario, failure.invariant, options);
  await shrinker.begin(found);
  return shrinker.shrink();
}

class Shrinker {
  readonly #scenario: Scenario;
  readonly #invariant: string;
  #passes!: readonly Pass[];
  readonly #maxSteps: number;
  readonly #signal: Stop | undefined;
  readonly #hangTimeoutMs: number | undefined;
  #best!: FailingAttempt;
  /** Whether there is nothing more to try. */
  #isDone = false;
  #steps = 0;

  constructor(scenario: Scenario, invariant: string, options: ShrinkOptions) {
    const { maxSteps = MAX_SHRINK_STEPS, signal, hangTimeoutMs } = options;
    this.#scenario = scenario;
    this.#invariant = invariant;
    this.#maxSteps = maxSteps;
    this.#signal = signal;
    this.#hangTimeoutMs = hangTimeoutMs;
  }

  async begin(found: Schedule): Promise<void> {
    const again = await recordRun(this.#scenario, new ReplayedChoices(found), undefined, this.#hangTimeoutMs);
    const attempt = this.#failing(again);
    if (attempt === null && isByRealTime(again.run.failure)) throw new NotRepeated(ENDED_BY_REAL_TIME);
    if (attempt === null)
      throw new Error(`the schedule does not violate ${JSON.stringify(this.#invariant)} again`);
    this.#best = attempt;
    // Known from the search, unless the run comes from elsewhere.
    const estimates = await estimatesOf(this.#scenario, this.#hangTimeoutMs);
    this.#passes = passesFor(this.#scenario, this.#invariant, estimates);
    this.#steps = 0;
  }

  async shrink(): Promise<Shrunk> {
    const judge = (attempt: Attempt): boolean => {
      this.#improve(this.#failing(attempt));
      return false;
    };
    await runUntil(this.#scenario, this.#attempt(), judge, this.#isNoSmaller, {
      stop: this.#signal,
      hangTimeoutMs: this.#hangTimeoutMs,
    });
    const { failure, schedule, cost } = this.#best;
    return { failure, schedule, cost, cutShort: this.#isDone ? null : this.#whyEnded };
  }

  /** Repeats all passes until none of them improves the smallest run. */
  *#attempt(): Iterable<Choices> {
    const passes = this.#passes;
    for (let idle = 0, at = 0; idle < passes.length && this.#mayTry; at = (at + 1) % passes.length) {
      const before = this.#best;
      yield* this.#exhaust(passes[at]!);
      idle = this.#best === before ? idle + 1 : 1;
    }
    this.#isDone = this.#mayTry;
  }

  /** Repeats a pass from its beginning after each improvement. */
  *#exhaust(pass: Pass): Iterable<Choices> {
    for (let best: FailingAttempt | null = null; best !== this.#best; ) {
      best = this.#best;
      for (const attempt of pass(best)) {
        if (!this.#mayTry) return;
        yield attempt;
        if (this.#best !== best) break;
      }
    }
  }

  get #mayTry(): boolean {
    return this.#whyEnded === null;
  }

  get #whyEnded(): string | null {
    if (this.#steps >= this.#maxSteps) return `after ${whole(this.#steps)} steps`;
    if (!this.#signal?.aborted) return null;
    return this.#signal instanceof Deadline ? this.#signal.why : 'interrupted';
  }

  /** The cost of a run only grows, so a run that is no longer smaller need not be completed. */
  readonly #isNoSmaller = (run: Run): boolean => !isLess(costOf(run), this.#best.cost);

  #improve(attempt: FailingAttempt | null): void {
    if (attempt !== null && isLess(attempt.cost, this.#best.cost)) this.#best = attempt;
  }

  /** `null` if it does not violate the same invariant. */
  #failing({ run, ...attempt }: Attempt): FailingAttempt | null {
    this.#steps += START_STEPS + run.machine.scheduler.steps;
    if (run.failure?.invariant !== this.#invariant || !run.idleIsSlow) return null;
    return { ...attempt, failure: run.failure, cost: costOf(run) };
  }
}
