/** Ends work early: looked at between two pieces of it. An `AbortSignal` is one. */
export interface Stop {
  readonly aborted: boolean;
}

/** Why work was ended before it was done. */
type WhyStopped = 'interrupted' | 'the time was up';

/** A stop by another one, or when the time is up. */
export class Deadline implements Stop {
  readonly endsAtMs: number;
  readonly #signal: Stop | undefined;

  /**
   * @param endsAtMs by `performance.now()`; Infinity: never
   * @param signal what may end the work before that
   */
  constructor(endsAtMs: number, signal?: Stop) {
    this.endsAtMs = endsAtMs;
    this.#signal = signal;
  }

  get why(): WhyStopped | null {
    if (this.#signal?.aborted) return 'interrupted';
    return performance.now() >= this.endsAtMs ? 'the time was up' : null;
  }

  get aborted(): boolean {
    return this.why !== null;
  }

  /** Real time that is left. */
  get leftMs(): number {
    return Math.max(0, this.endsAtMs - performance.now());
  }

  /** The same signal, with another time. */
  until(endsAtMs: number): Deadline {
    return new Deadline(endsAtMs, this.#signal);
  }
}
