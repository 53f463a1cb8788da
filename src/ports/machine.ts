import type { SystemError } from './error.ts';
import type { Operation } from './operation.ts';

/**
 * Executes operations for a process. The simulated machine, the real machine, and every decorator of them (tracing,
 * two phases, …) implement this interface and nothing else.
 *
 * It takes callbacks, not promises, so that a decorator adds no microtask and cannot change the order of events.
 */
export interface Machine<Process = unknown> {
  /** Calls either `resolve` or `reject`, once, unless the process ends first or `cancel` is called. */
  execute(process: Process, operation: Operation, resolve: Resolve, reject: Reject): Pending;
  /** Only a simulated machine has it: there, time can stand still. */
  readonly immediate?: Immediate<Process>;
  /** Set by `explore`, which needs to know where episodes begin and end. */
  readonly episodes?: Episodes<Process> | null;
}

/** Is notified when an episode of a program begins or ends. Decorators of a machine pass it on unchanged. */
export interface Episodes<Process = unknown> {
  begins(process: Process): Episode;
}

/** An episode of a program that has begun. */
export interface Episode {
  /** Everything that the program has kept of it so far, as plain data. */
  keeps(kept: unknown): void;
  /** It has ended, and this is everything that the program keeps of it. */
  ends(kept: unknown): void;
  /** It has ended with an error. */
  fails(): void;
}

/** What synchronous calls of a program need. Decorators of a machine pass it on unchanged. */
export interface Immediate<Process = unknown> {
  /**
   * Performs an operation within the current step: counted, timed and traced like any other. Fails with EAGAIN if it would have to wait.
   * Does not return if the operation ends the process.
   *
   * @throws SystemError
   */
  executeNow(process: Process, operation: Operation): unknown;
  /** Whether other processes go on before a synchronous call happens: a choice of the schedule. */
  preempts(process: Process, operation: Operation): boolean;
  /**
   * Executes a synchronous call in a step of its own. Until it has happened, the process is in the midst of its code, and no other of
   * its operations can happen, except others that are executed apart.
   */
  executeApart(process: Process, operation: Operation, resolve: Resolve, reject: Reject): Pending;
  /** The program has not caught an error: the process ends, unless it handles such errors. */
  crashes(process: Process, error: unknown): void;
  /** The program was run again with the same results, and did something else: the run ends. */
  departs(process: Process, message: string): void;
  /** In milliseconds. Not an operation, but it takes a microsecond, so that a loop that polls the clock terminates. */
  readClock(process: Process, which: 'wall' | 'monotonic'): number;
  /** Two digits per byte. Not an operation. */
  randomHex(process: Process, bytes: number): string;
}

/** Receives the result of an operation. */
// biome-ignore lint/suspicious/noExplicitAny: the type of the result depends on the operation; the ports restore it.
export type Resolve = (value: any) => void;
/** Receives the error that an operation has failed with. */
export type Reject = (error: SystemError) => void;

/** An operation that has been requested and has not finished yet. */
export interface Pending {
  /** Withdraws an operation that is waiting (sleep, accept, sigwait, request). Has no effect on one that has happened. */
  cancel(): void;
}
