/** How long a broker's client may stay idle. */
export interface LeaseTiming {
  /** A lease expires after this idle time. Each use extends it. */
  ttlMs: number;
  /** How often the broker looks for expired leases. */
  sweepEveryMs: number;
}

/** As long as a person may look at a page before the next call. The lease of a crashed client lasts no longer. */
export const DEFAULT_LEASES: LeaseTiming = { ttlMs: 60_000, sweepEveryMs: 5_000 };

/**
 * Leases with an idle timeout on the broker's own monotonic clock. Only time in which the broker ran counts: while it was
 * stopped it could not receive its clients' requests, so they must not lose their leases.
 */
export class Leases {
  readonly #timing: LeaseTiming;
  /** When each lease was last used. */
  readonly #usedMs = new Map<string, number>();
  #lookedMs: number | null = null;

  constructor(timing: LeaseTiming = DEFAULT_LEASES) {
    this.#timing = timing;
  }

  get ids(): readonly string[] {
    return [...this.#usedMs.keys()];
  }

  /** @param id never used before, so that an expired lease cannot come back */
  grant(id: string, nowMs: number): void {
    this.#usedMs.set(id, nowMs);
  }

  /** Extends a lease. `false` if there is no such lease, or it has expired. */
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

  /** Revokes the leases that have expired. @returns their ids */
  reclaim(nowMs: number): readonly string[] {
    this.#look(nowMs);
    const over = [...this.#usedMs].filter(([, usedMs]) => this.#isOver(usedMs, nowMs)).map(([id]) => id);
    for (const id of over) this.#usedMs.delete(id);
    return over;
  }

  #isOver(usedMs: number, nowMs: number): boolean {
    return nowMs - usedMs > this.#timing.ttlMs;
  }

  /** If the gap since the last look is longer than expected, extends all leases by the gap. */
  #look(nowMs: number): void {
    const asleepMs = this.#lookedMs === null ? 0 : nowMs - this.#lookedMs;
    if (asleepMs > 2 * this.#timing.sweepEveryMs) {
      for (const [id, usedMs] of this.#usedMs) this.#usedMs.set(id, usedMs + asleepMs);
    }
    this.#lookedMs = nowMs;
  }
}
