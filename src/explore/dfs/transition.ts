/** One step of a run as the search has executed it. */
import type { AccessNumber } from '../reduction/accesses.ts';
import type { Summary } from '../reduction/summary.ts';
import type { Decision, InnerChoice } from './decision.ts';

export interface Transition {
  readonly kind: 'operation' | 'fault' | 'time';
  /**
   * Whose operation it was, or which process the fault has ended or stopped, by its number; -1: none. A fault that changes what the
   * operations of a process come to is like an operation of another process: its accesses tell which ones.
   */
  readonly process: number;
  readonly accesses: AccessNumber;
  /** The fault found nothing to strike: only what it read is known. */
  readonly isMissed: boolean;
  /** A fault has ended the process that it struck. */
  readonly kills: boolean;
  /** What else was chosen within the step. */
  readonly inner: readonly InnerChoice[];
  /** How many choices of a fault there were before the step; 1: only that none strikes. */
  readonly faults: number;
  /** Time could have passed instead although a process could go on. */
  readonly mayBeBusy: boolean;
}

/** A transition, and what happens in all runs that go on from there. */
export interface Explored {
  readonly decision: Decision;
  readonly transition: Transition;
  /** `null`: not known, because the search is still there. */
  readonly below: Summary | null;
}
