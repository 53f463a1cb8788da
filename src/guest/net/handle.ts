/** What keeps the event loop of a process going for a socket or a server, by libuv's rules. */
import type { Operation, Pending, Reject, Resolve } from '../../ports/index.ts';
import { type Caller, executeNow } from '../script.ts';
import type { Timers } from '../timers.ts';

/** What the sockets and servers of a process need of it. */
export interface NetContext {
  readonly caller: Caller;
  readonly timers: Timers;
  readonly isAlive: () => boolean;
  /** One turn of the event loop. */
  readonly turn: (then: () => void) => void;
}

/** A handle that is active while it waits; it keeps the process alive unless it is unreferenced. */
export class Handle {
  readonly #caller: Caller;
  #isActive = false;
  #isRef = true;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  get hasRef(): boolean {
    return this.#isRef;
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

/** Closes a descriptor at once; that it is closed already makes no difference. */
export function closeNow(caller: Caller, fd: number, op: 'close' | 'reset' = 'close'): void {
  executeNow(caller, { op, fd });
}
