/** Ends work early: looked at between two pieces of it. An `AbortSignal` is one. */
export interface Stop {
  readonly aborted: boolean;
}

/** Why work was ended before it was done. */
type WhyStopped = 'interrupted' | 'the time was up';

/** What is found at the end of a budget is made smaller and checked all the same, for so long at most: a part of it, and real time. */
const SHARE_AFTER_BUDGET = 0.1;
const MOST_AFTER_BUDGET_MS = 2_000;

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

  /**
   * For what comes after the search: to the same end, and at least for a part of the budget from now on.
   *
   * @param budgetMs real time; Infinity: there is none
   */
  withGrace(budgetMs: number): Deadline {
    const graceMs = Math.min(MOST_AFTER_BUDGET_MS, SHARE_AFTER_BUDGET * budgetMs);
    return this.until(Math.max(this.endsAtMs, performance.now() + graceMs));
  }

  /** The same signal, with another time. */
  until(endsAtMs: number): Deadline {
    return new Deadline(endsAtMs, this.#signal);
  }
}
