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
}

// biome-ignore lint/suspicious/noExplicitAny: the result's type belongs to the operation; the ports give it back.
export type Resolve = (value: any) => void;
export type Reject = (error: SystemError) => void;

export interface Pending {
  /** Withdraws an operation that waits (sleep, accept, sigwait, request). Of no effect on one that has happened. */
  cancel(): void;
}
