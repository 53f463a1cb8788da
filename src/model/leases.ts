/** What a broker's clients hold while they use it. */
export interface LeaseTiming {
  /** A lease that has not been used for so long is reclaimed. Each use slides it on. */
  ttlMs: number;
  /** How often the broker looks. */
  sweepEveryMs: number;
}

/** Idle as long as a person may look at a page before the next call. A crashed client's lease lives no longer. */
export const DEFAULT_LEASES: LeaseTiming = { ttlMs: 60_000, sweepEveryMs: 5_000 };

/**
 * Leases with a sliding idle time, by the broker's own monotonic clock. Only time in which the broker was awake counts: a
 * broker that was stopped could not hear its clients, so none of them loses its lease by that.
 */
export class Leases {
  readonly #timing: LeaseTiming;
  /** When each was used last. */
  readonly #usedMs = new Map<string, number>();
  #lookedMs: number | null = null;

  constructor(timing: LeaseTiming = DEFAULT_LEASES) {
    this.#timing = timing;
  }

  get ids(): readonly string[] {
    return [...this.#usedMs.keys()];
  }

  /** @param id never used before: what has been reclaimed never comes back to life */
  grant(id: string, nowMs: number): void {
    this.#usedMs.set(id, nowMs);
  }

  /** Slides a lease on. False: there is none of that id, or there is none any more. */
  use(id: string, nowMs: number): boolean {
    this.#look(nowMs);
    const usedMs = this.#usedMs.get(id);
    if (usedMs === undefined || this.#isOver(usedMs, nowMs)) return false;
    this.#usedMs.set(id, nowMs);
    return true;
  }

  end(id: string): void {
    this.#usedMs.delete(id);
  }

  /** Takes back what nobody uses. @returns the ids */
  reclaim(nowMs: number): readonly string[] {
    this.#look(nowMs);
    const over = [...this.#usedMs].filter(([, usedMs]) => this.#isOver(usedMs, nowMs)).map(([id]) => id);
    for (const id of over) this.#usedMs.delete(id);
    return over;
  }

  #isOver(usedMs: number, nowMs: number): boolean {
    return nowMs - usedMs > this.#timing.ttlMs;
  }

  /** After a gap between two looks that is longer than it should be all leases move on by it. */
  #look(nowMs: number): void {
    const asleepMs = this.#lookedMs === null ? 0 : nowMs - this.#lookedMs;
    if (asleepMs > 2 * this.#timing.sweepEveryMs) {
      for (const [id, usedMs] of this.#usedMs) this.#usedMs.set(id, usedMs + asleepMs);
    }
    this.#lookedMs = nowMs;
  }
}
