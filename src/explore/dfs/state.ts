/** What a search has to know of a state to go on from it. */
import type { Fingerprint, Restore } from '../../sim/index.ts';

/** A state that the search has reached for the first time. */
export interface ReachedState {
  readonly fingerprint: Fingerprint;
  /** By process: the numbers of its operations among the candidates of the scheduler. */
  readonly candidates: ReadonlyMap<number, readonly number[]>;
  /**
   * Processes that have one operation to go on with and wait for nothing else: until it happens, only their end and the end of a stop
   * access what is local to them.
   */
  readonly undisturbed: ReadonlySet<number>;
  /** How many processes there are, with those that have ended. */
  readonly processes: number;
  /** By number of the fault, counted from 1, whether it may still strike. */
  readonly isLeft: readonly boolean[];
  /** The process that ran last, if it can go on. */
  readonly last: number | null;
  /** How often another process went on so far although the last could. */
  readonly preemptions: number;
  /** There is time left that may pass although a process could go on. */
  readonly mayBeBusyLater: boolean;
  /** Goes back to this state; `null`: the run has to be made again. */
  readonly restore: Restore | null;
}
