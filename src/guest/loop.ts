import type { Machine } from '../ports/index.ts';

/** Tracks what keeps a process alive: pending calls, and timers that are not unreferenced. */
export class Loop {
  readonly #machine: Machine;
  readonly #process: unknown;
  #busy = 0;
  #idle: (() => void) | null = null;

  constructor(machine: Machine, process: unknown) {
    this.#machine = machine;
    this.#process = process;
  }

  readonly begun = (): void => {
    this.#busy++;
  };

  readonly over = (): void => {
    this.#busy--;
    if (this.#busy === 0 && this.#idle !== null) this.#turn();
  };

  get isIdle(): boolean {
    return this.#busy === 0;
  }

  /** One turn of the event loop: a step in which nothing happens. */
  turn(then: () => void): { cancel(): void } {
    return this.#machine.execute(this.#process, { op: 'clock', which: 'monotonic' }, then, then);
  }

  /** Resolves when nothing keeps the process alive any more. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#busy === 0) this.#turn();
    });
  }

  /** Waits a turn, because a call that has just ended may start another. */
  #turn(): void {
    this.turn(() => {
      if (this.#busy > 0) return;
      const idle = this.#idle;
      this.#idle = null;
      idle?.();
    });
  }
}
