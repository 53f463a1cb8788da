import { type Immediate, type Machine, type Operation, SystemError } from '../ports/index.ts';

/**
 * A call of Node's as the operations that it is made of, one after the other: told once, run in three ways. It is given the
 * result of each operation, or its error, which it may catch. What it throws before its first operation is a mistake in
 * the arguments.
 */
export type Script<T> = Generator<Operation, T, unknown>;

/** The process on whose behalf scripts run. */
export interface Caller {
  readonly machine: Machine;
  readonly process: unknown;
  /** Called when something begins that keeps the process going, and when it is over. */
  readonly begun: () => void;
  readonly over: () => void;
}

/** A process that has ended goes no further; thrown to unwind its stack. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** With a callback: each operation is a step of the schedule. Mistakes in the arguments are thrown, as Node does. */
export function runLater<T>(caller: Caller, script: Script<T>, done: Done<T>): void {
  const { machine, process } = caller;
  const first = script.next();
  caller.begun();
  const go = (step: IteratorResult<Operation, T>): void => {
    if (step.done) finish(null, step.value);
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

/** At once, within the current step. */
export function runNow<T>(caller: Caller, script: Script<T>): T {
  let step = script.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = executeNow(caller, step.value);
    } catch (error) {
      // What is no failure of the operation is none of the script's affair.
      if (!(error instanceof SystemError)) throw error;
      step = script.throw(error);
      continue;
    }
    step = script.next(value);
  }
  return step.value;
}

/** @throws Ended when the process has ended by it, or had before */
export function executeNow({ machine, process }: Pick<Caller, 'machine' | 'process'>, operation: Operation) {
  const result = immediateOf(machine).executeNow(process, operation);
  if ((process as { alive?: boolean }).alive === false) throw new Ended('the process has ended');
  return result;
}

/** @throws Error on a machine where time does not stand still */
export function immediateOf(machine: Machine): Immediate {
  if (machine.immediate === undefined) {
    throw new Error(
      'a synchronous call needs a simulated machine: on this one nothing stands still meanwhile',
    );
  }
  return machine.immediate;
}

/** Runs before the next operation of anybody. */
export function nextTick(callback: () => void): void {
  globalThis.process.nextTick(callback);
}
