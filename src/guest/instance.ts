/** The machine as one instance of a program sees it. */
import type { Immediate, Machine, Operation, Pending, Reject, Resolve } from '../ports/index.ts';
import { SystemError } from '../ports/index.ts';
import { copied, DepartureError, type History, kept, type Outcome } from './history.ts';
import { Ended } from './script.ts';

/** The process of an instance. */
export interface ResumedProcess {
  readonly machine: Machine;
  readonly simulated: unknown;
  readonly history: History;
  /** Of the descriptors 0, 1 and 2, those that the process was started without. */
  readonly absentDescriptors: readonly number[];
  /** An operation, counted from 0. Its result comes by {@link Instance.settle}. */
  ask(number: number, operation: Operation): void;
  cancel(number: number): void;
  /** A synchronous call happens now. */
  calls(operation: Operation): void;
  /** Whether others go on before a synchronous call. */
  preempts(operation: Operation): boolean;
  /** This instance ends before a synchronous call. */
  giveUp(operation: Operation): void;
  /** This instance ends; when the work is done, the program is run again. Returns false if that is not possible here. */
  giveUpFor(call: Operation, work: (ask: Ask) => Promise<unknown>): boolean;
  departed(error: DepartureError): void;
}

/** An operation of work for which a program waits synchronously. */
export type Ask = (operation: Operation) => Promise<unknown> & Pending;

/**
 * How many calls in a row of a given-up instance throw, and then as many return nothing: a program that tries again in a loop after any
 * exception comes to an end.
 */
const CALLS_IN_A_ROW = 100;

export class Instance implements Machine, Immediate {
  readonly #process: ResumedProcess;
  readonly #waiting = new Map<number, { readonly resolve: Resolve; readonly reject: Reject }>();
  #next = 0;
  #isGivenUp = false;
  #callsAfter = 0;

  constructor(process: ResumedProcess) {
    this.#process = process;
  }

  /** It has been unwound: nothing that it does has an effect any more. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  get immediate(): Immediate {
    return this;
  }

  get absentDescriptors(): readonly number[] {
    return this.#process.absentDescriptors;
  }

  execute(_: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    if (this.#isGivenUp) return { cancel() {} };
    const { machine, simulated, history } = this.#process;
    if (operation.op === 'mark') {
      if (history.isLive) return machine.execute(simulated, operation, resolve, reject);
      resolve(undefined);
      return { cancel() {} };
    }
    const number = this.#next++;
    this.#waiting.set(number, { resolve, reject });
    this.#process.ask(number, operation);
    return {
      cancel: () => {
        if (this.#isGivenUp) return;
        this.#waiting.delete(number);
        this.#process.cancel(number);
      },
    };
  }

  settle(number: number, outcome: Outcome): void {
    const asked = this.#waiting.get(number);
    if (asked === undefined) return;
    this.#waiting.delete(number);
    if ('error' in outcome) asked.reject(outcome.error);
    else asked.resolve(outcome.value);
  }

  executeNow(_: unknown, operation: Operation): unknown {
    if (this.#isGivenUp) return this.#unwinds();
    const { machine, simulated, history } = this.#process;
    if (!history.isLive) return resultOf(this.#fed(() => history.call(operation)));
    if (this.#process.preempts(operation)) {
      this.#isGivenUp = true;
      this.#process.giveUp(operation);
      return this.#unwinds();
    }
    this.#process.calls(operation);
    let outcome: Outcome;
    try {
      outcome = { value: machine.immediate!.executeNow(simulated, operation) };
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      outcome = { error };
    }
    history.add({ kind: 'call', operation: copied(operation), outcome: kept(outcome) });
    return resultOf(outcome);
  }

  /**
   * Waits in the midst of the program's code: nothing else of the process happens until the work is done.
   *
   * @param call what the program asks for: the same when it is run again
   * @returns what the work has come to, as plain data
   */
  wait(call: Operation, work: (ask: Ask) => Promise<unknown>): unknown {
    if (this.#isGivenUp) return this.#unwinds();
    const { history } = this.#process;
    if (!history.isLive) return resultOf(this.#fed(() => history.call(call)));
    if (!this.#process.giveUpFor(call, work))
      throw new Error(
        `${call.op}: a simulated process cannot wait synchronously in this version of Node: it has no process._tickCallback`,
      );
    this.#isGivenUp = true;
    return this.#unwinds();
  }

  readClock(_: unknown, which: 'wall' | 'monotonic'): number {
    const { machine, simulated } = this.#process;
    return this.observe(() => machine.immediate!.readClock(simulated, which));
  }

  randomHex(_: unknown, bytes: number): string {
    const { machine, simulated } = this.#process;
    return this.observe(() => machine.immediate!.randomHex(simulated, bytes));
  }

  /** Reads something of the machine that changes without an operation of the program. */
  readonly observe = <T>(now: () => T): T => {
    if (this.#isGivenUp) return this.#unwinds() as T;
    const { history } = this.#process;
    if (!history.isLive) return this.#fed(() => history.read()) as T;
    const value = now();
    history.add({ kind: 'read', value });
    return value;
  };

  preempts(): boolean {
    return false;
  }

  executeApart(_: unknown, operation: Operation): never {
    throw new Error(`${operation.op}: only the process itself executes a call apart`);
  }

  crashes(_: unknown, error: unknown): void {
    const { machine, simulated } = this.#process;
    if (!this.#isGivenUp) machine.immediate!.crashes(simulated, error);
  }

  departs(_: unknown, message: string): void {
    this.#process.departed(new DepartureError(message));
  }

  #fed<T>(feed: () => T): T {
    try {
      return feed();
    } catch (error) {
      if (!(error instanceof DepartureError)) throw error;
      this.#isGivenUp = true;
      this.#process.departed(error);
      throw new Ended('does something else than before');
    }
  }

  /** @throws Ended so that the stack is unwound */
  #unwinds(): undefined {
    if (this.#callsAfter++ % (2 * CALLS_IN_A_ROW) < CALLS_IN_A_ROW) throw new Ended('is run again later');
    return undefined;
  }
}

function resultOf(outcome: Outcome): unknown {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}
