/** What the sockets and servers of a process need of it. */
import { type Caller, executeNow } from '../script.ts';
import type { Timers } from '../timers.ts';

export interface NetContext {
  readonly caller: Caller;
  readonly timers: Timers;
  readonly isAlive: () => boolean;
  /** One turn of the event loop. */
  readonly turn: (then: () => void) => void;
}

export function closeNow(caller: Caller, fd: number, op: 'close' | 'reset' = 'close'): void {
  executeNow(caller, { op, fd });
}
