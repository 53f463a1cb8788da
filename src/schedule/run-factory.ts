import { RecordedChoices } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { mix } from './random.ts';
import type { Estimates, Learner, Strategy } from './strategies/strategy.ts';

/** The number of runs over which a strategy learns before it starts again. Chosen by hand; see decision 24. */
export const BLOCK_RUNS = 256;

/** A run to make. */
export interface PlannedRun {
  readonly run: Run;
  readonly number: number;
  readonly recorded: RecordedChoices;
  /** The strategy that makes its choices. */
  readonly by: Strategy;
  /** `false` for an earlier run that is repeated only so that the strategy learns from it. */
  readonly counts: boolean;
}

/** Makes the runs of a search from their numbers: always the same, regardless of which of them were made in this thread before. */
export class RunFactory {
  /** How many runs each strategy has made, of those that are over. */
  readonly runs = new Map<string, number>();
  /** The abstract states that watched runs have reached. */
  readonly states = new Set<number>();
  readonly #scenario: Scenario;
  readonly #strategy: Strategy;
  readonly #seed: number;
  readonly #estimates: Estimates;
  readonly #learnings = new Map<Strategy, LearningBlock>();
  #learner: Learner | null = null;
  /** The run that is being made. */
  #planned: PlannedRun | null = null;

  constructor(scenario: Scenario, strategy: Strategy, seed: number, estimates: Estimates) {
    this.#scenario = scenario;
    this.#strategy = strategy;
    this.#seed = seed;
    this.#estimates = estimates;
  }

  /** The run with this number, or an earlier one from which its strategy must learn first. Numbers must increase. */
  next(number: number): PlannedRun {
    const by = memberOf(this.#strategy, number);
    if (by.learner === undefined) return this.#make(number, by, null, true);
    const learning = this.#learningOf(by, number);
    while (learning.next < number) {
      const earlier = learning.next++;
      if (memberOf(this.#strategy, earlier) === by) return this.#make(earlier, by, learning.learner, false);
    }
    learning.next = number + 1;
    return this.#make(number, by, learning.learner, true);
  }

  /** The run is over. */
  done(): void {
    const states = this.#learner?.learns() ?? [];
    const { by, counts } = this.#planned!;
    if (!counts) return;
    for (const state of states) this.states.add(state);
    this.runs.set(by.name, (this.runs.get(by.name) ?? 0) + 1);
  }

  /** The run was interrupted: its number will be asked for again, or it is one to learn from, which is then made again. */
  interrupted({ by, number }: PlannedRun): void {
    const learning = this.#learnings.get(by);
    if (learning !== undefined) learning.next = number;
  }

  #learningOf(by: Strategy, number: number): LearningBlock {
    const block = Math.floor(number / BLOCK_RUNS);
    let learning = this.#learnings.get(by);
    if (learning?.block !== block) {
      learning = { block, next: block * BLOCK_RUNS, learner: by.learner!() };
      this.#learnings.set(by, learning);
    }
    return learning;
  }

  #make(number: number, by: Strategy, learner: Learner | null, counts: boolean): PlannedRun {
    const estimates = { ...this.#estimates, number };
    const recorded = new RecordedChoices((learner ?? by).choices(mix(this.#seed, number), estimates));
    const listener = learner?.listener(recorded.schedule);
    const run = new Run(this.#scenario, recorded, listener === undefined ? {} : { listener });
    learner?.begins(run);
    this.#learner = learner;
    this.#planned = { run, number, recorded, by, counts };
    return this.#planned;
  }
}

/** What a strategy has learned in a block of run numbers, and from which runs. */
interface LearningBlock {
  readonly block: number;
  readonly learner: Learner;
  /** The strategy has learned from all earlier numbers of the block. */
  next: number;
}

function memberOf(strategy: Strategy, number: number): Strategy {
  return strategy.memberOf?.(number) ?? strategy;
}
