import type { SystemError } from './error.ts';
import type { Operation } from './operation.ts';

/**
 * The one seam: whatever executes operations for a process. The simulated machine, the real machine, and every
 * decorator of them (tracing, two phases, …) implement just this.
 *
 * It takes callbacks, not promises, so that a decorator adds no microtask and never changes the order of things.
 */
export interface Machine<Process = unknown> {
  /** Exactly one of `resolve` and `reject` is called, once, unless the process ends first or `cancel` is called. */
  execute(process: Process, operation: Operation, resolve: Resolve, reject: Reject): Pending;
  /** Set where time can stand still: on a simulated machine. */
  readonly immediate?: Immediate<Process>;
  /** Set where somebody wants to hear of episodes: in a search of all schedules. */
  readonly episodes?: Episodes<Process> | null;
}

/** Hears where episodes of programs begin and end. Decorators of a machine pass it on as it is. */
export interface Episodes<Process = unknown> {
  begins(process: Process): Episode;
}

/** An episode of a program that has begun. */
export interface Episode {
  /** All that the program keeps of it so far, as plain data. */
  keeps(kept: unknown): void;
  /** It has ended, and this is all that the program keeps of it. */
  ends(kept: unknown): void;
  /** It has ended by an error. */
  fails(): void;
}

/** What a program that calls synchronously needs. Decorators of a machine pass it on as it is. */
export interface Immediate<Process = unknown> {
  /**
   * Performs an operation within the current step: counted, timed and traced as any, but no scheduling point. EAGAIN: it
   * would have to wait. No result at all: the process has ended by it.
   *
   * @throws SystemError
   */
  executeNow(process: Process, operation: Operation): unknown;
  /** In milliseconds. No operation, but it takes a microsecond: so a loop that waits for the time comes to an end. */
  readClock(process: Process, which: 'wall' | 'monotonic'): number;
  /** No operation. Two digits a byte. */
  randomHex(process: Process, bytes: number): string;
}

/** Is given the result of an operation. */
// biome-ignore lint/suspicious/noExplicitAny: the result's type belongs to the operation; the ports give it back.
export type Resolve = (value: any) => void;
/** Is given the error that an operation has failed with. */
export type Reject = (error: SystemError) => void;

/** An operation that has been asked for and has not been answered yet. */
export interface Pending {
  /** Withdraws an operation that waits (sleep, accept, sigwait, request). Of no effect on one that has happened. */
  cancel(): void;
}
