/** What `setTimeout` and `setImmediate` return. */
import type { Pending } from '../ports/index.ts';
import type { Loop } from './loop.ts';

/** Where a timeout waits for its time. */
export interface TimerQueue {
  /** Inserts a timer, again if it was there. */
  arm(timeout: Timeout): void;
  disarm(timeout: Timeout): void;
}

export class Timeout {
  readonly id: number;
  readonly ms: number;
  readonly repeats: boolean;
  readonly call: () => void;
  dueMs = 0;
  armedMs = 0;
  active = false;
  readonly #queue: TimerQueue;
  readonly #loop: Loop;
  #ref = true;

  constructor(queue: TimerQueue, loop: Loop, id: number, ms: number, repeats: boolean, call: () => void) {
    this.#queue = queue;
    this.#loop = loop;
    this.id = id;
    this.ms = ms;
    this.repeats = repeats;
    this.call = call;
  }

  ref(): this {
    if (!this.#ref && this.active) this.#loop.begun();
    this.#ref = true;
    return this;
  }

  unref(): this {
    const before = this.#ref;
    this.#ref = false;
    if (before && this.active) this.#loop.over();
    return this;
  }

  hasRef(): boolean {
    return this.#ref;
  }

  refresh(): this {
    this.#queue.arm(this);
    return this;
  }

  close(): this {
    this.#queue.disarm(this);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }
}

export class Immediate {
  readonly #loop: Loop;
  readonly #pending: Pending;
  #active = true;
  #ref = true;

  constructor(loop: Loop, call: () => void) {
    this.#loop = loop;
    loop.begun();
    this.#pending = loop.turn(() => {
      this.#end();
      call();
    });
  }

  clear(): void {
    if (!this.#active) return;
    this.#pending.cancel();
    this.#end();
  }

  ref(): this {
    if (!this.#ref && this.#active) this.#loop.begun();
    this.#ref = true;
    return this;
  }

  unref(): this {
    const before = this.#ref;
    this.#ref = false;
    if (before && this.#active) this.#loop.over();
    return this;
  }

  hasRef(): boolean {
    return this.#ref;
  }

  #end(): void {
    this.#active = false;
    if (this.#ref) this.#loop.over();
  }
}
