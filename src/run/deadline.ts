/** A request to stop, checked between two parts of the work. An `AbortSignal` is one. */
export interface Stop {
  readonly aborted: boolean;
}

/** Why work was stopped before it was finished. */
type WhyStopped = 'interrupted' | 'the time was up';

/** What is found at the end of a budget is still shrunk and verified, for at most this part of the budget and this time. Chosen by hand. */
const SHARE_AFTER_BUDGET = 0.1;
const MOST_AFTER_BUDGET_MS = 2_000;

/** Stops when the time is up, or when another stop does. */
export class Deadline implements Stop {
  readonly endsAtMs: number;
  readonly #signal: Stop | undefined;

  /**
   * @param endsAtMs on the clock of `performance.now()`; Infinity for no limit
   * @param signal may stop the work earlier
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

  /** The real time that is left, in milliseconds. */
  get leftMs(): number {
    return Math.max(0, this.endsAtMs - performance.now());
  }

  /**
   * The deadline of the work after the search: the same end, but at least a part of the budget from now on.
   *
   * @param budgetMs real time; Infinity for no budget
   */
  withGrace(budgetMs: number): Deadline {
    const graceMs = Math.min(MOST_AFTER_BUDGET_MS, SHARE_AFTER_BUDGET * budgetMs);
    return this.until(Math.max(this.endsAtMs, performance.now() + graceMs));
  }

  /** The same signal with another end. */
  until(endsAtMs: number): Deadline {
    return new Deadline(endsAtMs, this.#signal);
  }
}
