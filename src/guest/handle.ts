/** What keeps the event loop of a process going while it waits for something, by libuv's rules. */
import type { Operation, Pending, Reject, Resolve } from '../ports/index.ts';
import type { Caller } from './script.ts';

/** A handle that is active while it waits; it keeps the process alive unless it is unreferenced. */
export class Handle {
  readonly #caller: Caller;
  #isActive = false;
  #isRef: boolean;

  constructor(caller: Caller, isRef = true) {
    this.#caller = caller;
    this.#isRef = isRef;
  }

  set isActive(isActive: boolean) {
    if (isActive === this.#isActive) return;
    this.#isActive = isActive;
    if (this.#isRef) this.#count(isActive);
  }

  refer(isRef: boolean): void {
    if (isRef === this.#isRef) return;
    this.#isRef = isRef;
    if (this.#isActive) this.#count(isRef);
  }

  #count(more: boolean): void {
    if (more) this.#caller.begun();
    else this.#caller.over();
  }
}

/** Reads, one after the other, of a descriptor: its handle is active while one waits. */
export class Reading {
  readonly #caller: Caller;
  readonly #handle: Handle;
  #pending: Pending | null = null;

  constructor(caller: Caller, isRef = true) {
    this.#caller = caller;
    this.#handle = new Handle(caller, isRef);
  }

  get isWaiting(): boolean {
    return this.#pending !== null;
  }

  /** Not while another one waits. */
  next(
    operation: Operation<'read' | 'recv'>,
    arrived: (bytes: string) => void,
    failed: (error: Error) => void,
  ): void {
    const { machine, process } = this.#caller;
    this.#handle.isActive = true;
    const over =
      <Value>(then: (value: Value) => void) =>
      (value: Value): void => {
        this.#pending = null;
        this.#handle.isActive = false;
        then(value);
      };
    this.#pending = machine.execute(process, operation, over(arrived) as Resolve, over(failed));
  }

  cancel(): void {
    this.#pending?.cancel();
    this.#pending = null;
    this.#handle.isActive = false;
  }

  refer(isRef: boolean): void {
    this.#handle.refer(isRef);
  }
}

/** An operation that keeps the process alive until it is over, as libuv's requests do, whatever is unreferenced. */
export function request(caller: Caller, operation: Operation, resolve: Resolve, reject: Reject): Pending {
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    caller.over();
  };
  caller.begun();
  const then = (settle: (value: never) => void) => (value: unknown) => {
    over();
    settle(value as never);
  };
  const pending = caller.machine.execute(caller.process, operation, then(resolve), then(reject));
  return {
    cancel: () => {
      over();
      pending.cancel();
    },
  };
}
