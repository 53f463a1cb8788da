/** Connections to a full backlog: Linux drops their first packet, and they send it again. */

import { EAGAIN, type Errno } from '../base/errno.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Due } from '../base/timer-heap.ts';
import { WAITS } from '../kernel/handler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { ParkedOperation } from '../records/process.ts';
import type { Listener } from '../records/sockets.ts';

/** When Linux sends the first packet again if there is no reply: after 1 s, 3 s, 7 s, … */
const RETRIES_MS = [1_000, 3_000, 7_000, 15_000, 31_000, 63_000];

export type Connecting = 'connect' | 'connectStream' | 'request';

/** A connection to a full backlog: when it started, and how often it has sent its first packet again. */
export class PendingConnect {
  readonly sinceUs: number;
  readonly retries: number;

  constructor(sinceUs: number, retries: number) {
    this.sinceUs = sinceUs;
    this.retries = retries;
  }
}

/** The time at which the first packet is sent again. */
class SynRetry implements Due {
  readonly #parked: ParkedOperation<Connecting>;
  readonly #pending: PendingConnect;

  constructor(parked: ParkedOperation<Connecting>, pending: PendingConnect) {
    this.#parked = parked;
    this.#pending = pending;
  }

  fire(): void {
    this.#parked.wake(this.#pending);
  }

  visit(into: StateVisitor): void {
    this.#parked.visit(into);
    into.number(this.#pending.sinceUs);
    into.number(this.#pending.retries);
  }
}

/**
 * Whether the backlog is full; if not, adds the connection to it. It can be full only while all servers are stopped: then the kernel
 * completes one connection more than the backlog.
 */
export function isFull(listener: Listener): boolean {
  if (listener.isServed) return false;
  if (listener.backlogged > listener.backlog) return true;
  listener.backlogged++;
  return false;
}

/** Schedules the first packet of a TCP connection again, until the timeout. A Unix socket fails immediately. */
export function retryLater(
  { clocks, timers }: Kernel,
  parked: ParkedOperation<Connecting>,
  timeoutMs: number,
): Errno | typeof WAITS {
  if (parked.operation.address.kind === 'unix') return EAGAIN;
  const { sinceUs, retries } =
    parked.outcome instanceof PendingConnect ? parked.outcome : new PendingConnect(clocks.nowUs, 0);
  const retryMs = RETRIES_MS[retries] ?? Number.POSITIVE_INFINITY;
  // NaN means immediately.
  const waitMs = Math.min(retryMs, timeoutMs);
  const next = new SynRetry(parked, new PendingConnect(sinceUs, retries + 1));
  parked.timer = timers.set(sinceUs + waitMs * 1000, next);
  return WAITS;
}

/** Whether an operation was woken to send its first packet again, and is still within its timeout. */
export function mayRetry(
  { clocks }: Kernel,
  { outcome }: ParkedOperation<Connecting>,
  timeoutMs: number,
): boolean {
  return outcome instanceof PendingConnect && clocks.nowUs < outcome.sinceUs + timeoutMs * 1000;
}
