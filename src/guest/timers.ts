/** The timers of a simulated process, as Node has them. */

import { promisify } from 'node:util';
import type { Machine, Pending } from '../ports/index.ts';
import { invalidType } from './fs/arguments.ts';
import type { Loop } from './loop.ts';
import { immediateOf } from './script.ts';
import { Immediate, Timeout, type TimerQueue } from './timer-handles.ts';

type Callback = (...args: unknown[]) => void;
export type SetTimeout = (callback: unknown, ms?: unknown, ...args: unknown[]) => Timeout;
export type SetImmediate = (callback: unknown, ...args: unknown[]) => Immediate;

/** Node's longest delay; a longer one, or one that is not a number, becomes 1 ms. */
const MAX_MS = 2 ** 31 - 1;

/**
 * The timers of a process, in Node's order: those that are due fire one by one, the earliest first, each in its own step. Like
 * libuv's single timer, one `sleep` at a time waits for the earliest. So the schedule decides when a timer fires, but never lets
 * a later one fire first.
 */
export class Timers implements TimerQueue {
  readonly #machine: Machine;
  readonly #process: unknown;
  readonly #loop: Loop;
  /** Sorted by due time, then by age. */
  readonly #queue: Timeout[] = [];
  #armed: Pending | null = null;
  #armedFor: Timeout | null = null;
  readonly #byId = new Map<number, Timeout>();
  #lastId = 0;

  constructor(machine: Machine, process: unknown, loop: Loop) {
    this.#machine = machine;
    this.#process = process;
    this.#loop = loop;
  }

  readonly setTimeout: SetTimeout = Object.assign(
    (callback: unknown, ms?: unknown, ...args: unknown[]): Timeout => this.#set(callback, ms, args, false),
    {
      [promisify.custom]: (ms?: unknown, value?: unknown, options?: unknown) => this.wait(ms, value, options),
    },
  );

  readonly setInterval = (callback: unknown, ms?: unknown, ...args: unknown[]): Timeout =>
    this.#set(callback, ms, args, true);

  readonly setImmediate: SetImmediate = Object.assign(
    (callback: unknown, ...args: unknown[]): Immediate => {
      if (typeof callback !== 'function') throw invalidType('callback', 'of type function', callback);
      return new Immediate(this.#loop, () => (callback as Callback)(...args));
    },
    { [promisify.custom]: (value?: unknown) => this.turn(value) },
  );

  readonly clearTimeout = (timeout: unknown): void => {
    const found =
      timeout instanceof Timeout ? timeout : this.#byId.get(Number(timeout as number | string | undefined));
    found?.close();
  };

  readonly clearImmediate = (immediate: unknown): void => {
    if (immediate instanceof Immediate) immediate.clear();
  };

  nowMs(): number {
    return Math.floor(immediateOf(this.#machine).readClock(this.#process, 'monotonic'));
  }

  arm(timeout: Timeout): void {
    this.#take(timeout);
    timeout.dueMs = this.nowMs() + timeout.ms;
    let at = this.#queue.length;
    while (at > 0 && this.#queue[at - 1]!.dueMs > timeout.dueMs) at--;
    this.#queue.splice(at, 0, timeout);
    if (!timeout.active) {
      timeout.active = true;
      if (timeout.hasRef()) this.#loop.begun();
    }
    this.#sleep();
  }

  disarm(timeout: Timeout): void {
    if (!timeout.active) return;
    timeout.active = false;
    this.#take(timeout);
    this.#byId.delete(timeout.id);
    if (timeout.hasRef()) this.#loop.over();
    this.#sleep();
  }

  #take(timeout: Timeout): void {
    const at = this.#queue.indexOf(timeout);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  #set(callback: unknown, ms: unknown, args: unknown[], repeats: boolean): Timeout {
    if (typeof callback !== 'function') throw invalidType('callback', 'of type function', callback);
    const wanted = Number(ms);
    const wholeMs = wanted >= 1 && wanted <= MAX_MS ? Math.trunc(wanted) : 1;
    const call = (): void => (callback as Callback)(...args);
    const timeout = new Timeout(this, this.#loop, ++this.#lastId, wholeMs, repeats, call);
    this.#byId.set(timeout.id, timeout);
    this.arm(timeout);
    return timeout;
  }

  /** `setImmediate` of `node:timers/promises`. */
  turn(value: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.setImmediate(() => resolve(value));
    });
  }

  /** `setTimeout` of `node:timers/promises`. */
  wait(ms: unknown, value: unknown, options: unknown): Promise<unknown> {
    const { signal, ref } = (options ?? {}) as { signal?: AbortSignal; ref?: boolean };
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timeout = this.setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, ms);
      if (ref === false) timeout.unref();
      const abort = (): void => {
        timeout.close();
        const error = Object.assign(new Error('The operation was aborted'), {
          code: 'ABORT_ERR',
          cause: signal?.reason,
        });
        error.name = 'AbortError';
        reject(error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  #sleep(): void {
    const [first] = this.#queue;
    if (first === this.#armedFor && this.#armed !== null && first?.armedMs === first?.dueMs) return;
    this.#armed?.cancel();
    this.#armed = null;
    this.#armedFor = first ?? null;
    if (first === undefined) return;
    first.armedMs = first.dueMs;
    const ms = first.dueMs - this.nowMs();
    this.#armed =
      ms > 0
        ? this.#machine.execute(this.#process, { op: 'sleep', ms }, this.#fire, this.#fire)
        : this.#loop.turn(this.#fire);
  }

  readonly #fire = (): void => {
    this.#armed = null;
    this.#armedFor = null;
    const [first] = this.#queue;
    if (first !== undefined && first.dueMs <= this.nowMs()) {
      if (first.repeats) {
        // Node starts the next interval at the end of the callback, which takes no time here.
        this.arm(first);
      } else {
        this.disarm(first);
      }
      first.call();
    }
    this.#sleep();
  };
}
