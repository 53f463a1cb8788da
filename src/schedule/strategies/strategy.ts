import type { RunListener } from '../../run/observer.ts';
import type { Schedule } from '../../run/recorded-choices.ts';
import type { Run } from '../../run/run.ts';
import type { Choices } from '../../sim/index.ts';
import type { MeasuredOperation } from '../measured-operations.ts';

/** What a strategy may know before a run. All of it is determined by the scenario and the number of the run. */
export interface Estimates {
  /** How many scheduling choices a run of this scenario makes, estimated from the first runs. */
  readonly choices: number;
  /** Further observations of the first runs. */
  readonly profile?: Profile;
  /** The number of the run, counted from 0. */
  readonly number?: number;
}

/** What the first runs of a scenario did. */
export interface Profile {
  /** For each process, by its number in the run: how many choices fell on it. */
  readonly steps: readonly number[];
  /** By name, the operations that happened. */
  readonly operations: ReadonlyMap<string, ProfiledOperation>;
  /** How many choices of a run fell on an operation that conflicts with one of another process. */
  readonly contestedChoices: number;
}

export interface ProfiledOperation extends MeasuredOperation {
  /** For each process, by its number in the run: how many choices fell on it. */
  readonly times: readonly number[];
}

/** A way to search the schedules of a scenario. */
export interface Strategy {
  readonly name: string;
  readonly about: string;
  /** Equal seeds and estimates give equal choices. */
  choices(seed: number, estimates: Estimates): Choices;
  /** For a portfolio: the member that makes a run. Default: the strategy itself. */
  memberOf?(number: number): Strategy;
  /** For a strategy that learns from its runs: starts a block of run numbers without any knowledge. */
  learner?(): Learner;
}

/** Learns from the runs of a block, in the order of their numbers. */
export interface Learner {
  choices(seed: number, estimates: Estimates): Choices;
  /** A listener for the next run. `schedule` grows with the choices of that run. */
  listener(schedule: Schedule): RunListener;
  /** Called when the run of the listener begins. */
  begins(run: Run): void;
  /** Called when the run is over, unless it was interrupted: then the same run is made again. @returns the abstract states that it has reached */
  learns(): ReadonlySet<number>;
}
