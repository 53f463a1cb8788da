/** The time-out of a socket: after so long in which nothing is sent or received. */
import type { Timeout } from '../timer-handles.ts';
import type { Timers } from '../timers.ts';

export class IdleTimer {
  readonly #timers: Timers;
  readonly #onTimeout: () => void;
  #ms = 0;
  #timer: Timeout | null = null;

  constructor(timers: Timers, onTimeout: () => void) {
    this.#timers = timers;
    this.#onTimeout = onTimeout;
  }

  /** @param ms 0: never */
  set(ms: number): void {
    this.stop();
    this.#ms = ms;
    this.refresh();
  }

  /** Something is sent or received. */
  refresh(): void {
    if (this.#timer !== null) this.#timer.refresh();
    else if (this.#ms > 0) this.#arm();
  }

  stop(): void {
    this.#timer?.close();
    this.#timer = null;
    this.#ms = 0;
  }

  #arm(): void {
    this.#timer = this.#timers
      .setTimeout(() => {
        this.#timer = null;
        this.#onTimeout();
      }, this.#ms)
      .unref();
  }
}
