import { mistakeIn } from '../ports/arguments.ts';
import { type Immediate, type Machine, type Operation, SystemError } from '../ports/index.ts';

/**
 * A function of Node as a sequence of operations, written once and run in three ways: with a callback, as a promise, or
 * synchronously. It receives the result of each operation, or its error, which it may catch. An exception before the first operation
 * means that the arguments are invalid.
 */
export type Script<T> = Generator<Operation, T, unknown>;

/** The process for which scripts run. */
export interface Caller {
  readonly machine: Machine;
  readonly process: unknown;
  /** Called when something starts, and when it ends, that keeps the process alive. */
  readonly begun: () => void;
  readonly over: () => void;
}

/** Thrown to unwind the stack of a process that has ended. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** Runs a script with a callback: each operation is a step of the schedule. Throws on invalid arguments, as Node does. */
export function runLater<T>(caller: Caller, script: Script<T>, done: Done<T>): void {
  const { machine, process } = caller;
  const first = script.next();
  if (!first.done) refuseBad(first.value);
  caller.begun();
  const go = (step: IteratorResult<Operation, T>): void => {
    if (step.done) {
      finish(null, step.value);
      return;
    }
    const mistake = mistakeIn(step.value);
    if (mistake !== null) fail(mistake);
    else machine.execute(process, step.value, succeed, fail);
  };
  const finish = (error: unknown, value?: T): void => {
    caller.over();
    if (error !== null) done(error);
    else done(null, value as T);
  };
  const succeed = (value: unknown): void => {
    let step: IteratorResult<Operation, T>;
    try {
      step = script.next(value);
    } catch (error) {
      finish(error);
      return;
    }
    go(step);
  };
  const fail = (failure: unknown): void => {
    let step: IteratorResult<Operation, T>;
    try {
      step = script.throw(failure);
    } catch (error) {
      finish(error);
      return;
    }
    go(step);
  };
  if (first.done) nextTick(() => finish(null, first.value));
  else go(first);
}

export type Done<T> = { (error: unknown): void; (error: null, value: T): void };

export function runAsPromise<T>(caller: Caller, script: Script<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    runLater(caller, script, (error: unknown, value?: T) => {
      if (error !== null) reject(error);
      else resolve(value as T);
    });
  });
}

/** Runs a script synchronously, within the current step. */
export function runNow<T>(caller: Caller, script: Script<T>): T {
  let step = script.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = executeNow(caller, step.value);
    } catch (error) {
      // Only failures of operations are passed to the script.
      if (!(error instanceof SystemError)) throw error;
      step = script.throw(error);
      continue;
    }
    step = script.next(value);
  }
  return step.value;
}

/** @throws Node's errors for bad arguments */
function refuseBad(operation: Operation): void {
  const mistake = mistakeIn(operation);
  if (mistake !== null) throw mistake;
}

/** @throws Ended if the process has ended, by this operation or before */
export function executeNow({ machine, process }: Pick<Caller, 'machine' | 'process'>, operation: Operation) {
  refuseBad(operation);
  const result = immediateOf(machine).executeNow(process, operation);
  if ((process as { alive?: boolean }).alive === false) throw new Ended('the process has ended');
  return result;
}

/** @throws Error on a real machine */
export function immediateOf(machine: Machine): Immediate {
  if (machine.immediate === undefined) {
    throw new Error(
      'a synchronous call needs a simulated machine: a real one cannot wait for an operation within a step',
    );
  }
  return machine.immediate;
}

/** Runs before the next operation of any process. */
export function nextTick(callback: () => void): void {
  globalThis.process.nextTick(callback);
}
