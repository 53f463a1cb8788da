import { RecordedChoices } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import type { Scenario } from '../scenario/options.ts';
import { mix } from './random.ts';
import type { Estimates, Learner, Strategy } from './strategies/strategy.ts';

/** How many run numbers a strategy learns over before it begins anew. */
export const BLOCK_RUNS = 256;

/** A run that is to be made. */
export interface PlannedRun {
  readonly run: Run;
  readonly recorded: RecordedChoices;
  /** Which strategy steers it. */
  readonly by: Strategy;
  /** False: a run of an earlier number, made only for what is to be learned from it. */
  readonly counts: boolean;
}

/** Makes the runs of a search from their numbers: always the same, whichever of them have been made here before. */
export class RunFactory {
  /** How many runs each strategy has had. */
  readonly runs = new Map<string, number>();
  /** The names of the abstract states that runs have reached, of those that were watched. */
  readonly states = new Set<number>();
  readonly #scenario: Scenario;
  readonly #strategy: Strategy;
  readonly #seed: number;
  readonly #estimates: Estimates;
  readonly #learnings = new Map<Strategy, LearningBlock>();
  #learner: Learner | null = null;
  #counts = true;

  constructor(scenario: Scenario, strategy: Strategy, seed: number, estimates: Estimates) {
    this.#scenario = scenario;
    this.#strategy = strategy;
    this.#seed = seed;
    this.#estimates = estimates;
  }

  /** The run of a number; or one before it, from which is to be learned first. Numbers must grow. */
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
    if (this.#counts) for (const state of states) this.states.add(state);
  }

  /** The run was not what it would have been: it is to be made again. What it may have taught goes, and is learned anew. */
  forget({ by, counts }: PlannedRun): void {
    this.#learnings.delete(by);
    if (counts) this.runs.set(by.name, this.runs.get(by.name)! - 1);
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
    this.#counts = counts;
    if (counts) this.runs.set(by.name, (this.runs.get(by.name) ?? 0) + 1);
    return { run, recorded, by, counts };
  }
}

/** What a strategy has learned in a block of numbers, and from which runs. */
interface LearningBlock {
  readonly block: number;
  readonly learner: Learner;
  /** All earlier numbers of the block have been learned from. */
  next: number;
}

function memberOf(strategy: Strategy, number: number): Strategy {
  return strategy.memberOf?.(number) ?? strategy;
}
