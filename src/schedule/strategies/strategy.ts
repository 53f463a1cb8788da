import type { RunListener } from '../../run/observer.ts';
import type { Schedule } from '../../run/recorded-choices.ts';
import type { Run } from '../../run/run.ts';
import type { Choices } from '../../sim/index.ts';

/** What a strategy may know before a run. All of it follows from the scenario and the run's number. */
export interface Estimates {
  /** How many scheduling choices a run of this scenario makes, as far as the first runs have shown. */
  readonly choices: number;
  /** What else they have shown. */
  readonly profile?: Profile;
  /** Which run it is, counted from 0. */
  readonly number?: number;
}

/** What the first runs of a scenario have done. */
export interface Profile {
  /** Of each process, by its number in the run: how many of the choices fell on it. */
  readonly steps: readonly number[];
  /** What several processes touch, and at least one of them changes: how often each process does. */
  readonly contested: ReadonlyMap<string, readonly number[]>;
  /** How many choices of a run fell on an operation that touches any of that. */
  readonly contestedChoices: number;
}

/** A way to search the schedules of a scenario. */
export interface Strategy {
  readonly name: string;
  readonly about: string;
  /** The same seed and the same estimates give the same choices. */
  choices(seed: number, estimates: Estimates): Choices;
  /** Of a portfolio: which of its members makes a run. Unless said, the strategy itself. */
  memberOf?(number: number): Strategy;
  /** Of a strategy that learns from its runs: begins a block of run numbers, knowing nothing. */
  learner?(): Learner;
}

/** What a strategy makes of the runs of a block of numbers, in the order of their numbers. */
export interface Learner {
  choices(seed: number, estimates: Estimates): Choices;
  /** What it wants to hear of the next run, which it is given the choices of as they are made. */
  listener(schedule: Schedule): RunListener;
  /** A run begins; the listener is its. */
  begins(run: Run): void;
  /** The run is over. @returns the names of the abstract states that it has reached */
  learns(): ReadonlySet<number>;
}
