import type { Ports } from '../ports/index.ts';

/** Three failures in a row, and a minute: as a vector database that does not start was tamed (claude-mem's #1085). */
const FAILURES = 3;
const COOLDOWN_MS = 60_000;

export interface BreakerOptions {
  /** So many failures in a row, with no success between them, open it. */
  failures?: number;
  /** For so long it then refuses. On the monotonic clock: a jump of the wall clock changes nothing. */
  cooldownMs?: number;
}

/** The breaker is open: the work was not even begun. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  /** Milliseconds until it may be tried again. */
  readonly retryInMs: number;

  constructor(retryInMs: number) {
    super(`failed too often in a row: not tried again for ${Math.ceil(retryInMs)} ms`);
    this.retryInMs = retryInMs;
  }
}

/**
 * Ends a storm of retries: after several failures in a row nobody may try for a while; then one may, and its outcome
 * decides for all. A call that is under way when the breaker opens or closes no longer counts.
 */
export class CircuitBreaker {
  readonly #clock: Ports['clock'];
  readonly #limit: number;
  readonly #cooldownMs: number;
  #failures = 0;
  /** Null: closed. Infinite: open since this moment, whose time is not yet known. */
  #openSinceMs: number | null = null;
  /** Grows whenever it opens, closes or lets one try: results of an earlier round say nothing about now. */
  #round = 0;

  constructor(
    { clock }: Pick<Ports, 'clock'>,
    { failures = FAILURES, cooldownMs = COOLDOWN_MS }: BreakerOptions = {},
  ) {
    this.#clock = clock;
    this.#limit = failures;
    this.#cooldownMs = cooldownMs;
  }

  /**
   * Does the work, if it may be tried.
   *
   * @param work a success is what resolves: let it reject, too, if what it has begun turns out not to work
   * @throws CircuitOpenError
   */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#openSinceMs !== null) this.#enter(await this.#clock.monotonicMs());
    const round = this.#round;
    try {
      const result = await work();
      if (round === this.#round) this.#close();
      return result;
    } catch (error) {
      if (round === this.#round) await this.#failed();
      throw error;
    }
  }

  /** One may try when the time is up. The others wait for as long again: so one that never ends blocks nobody for ever. */
  #enter(nowMs: number): void {
    // It may have been closed while we looked at the clock.
    if (this.#openSinceMs === null) return;
    const leftMs = this.#openSinceMs + this.#cooldownMs - nowMs;
    if (leftMs > 0) throw new CircuitOpenError(Math.min(leftMs, this.#cooldownMs));
    this.#openSinceMs = nowMs;
    this.#round++;
  }

  #close(): void {
    this.#failures = 0;
    if (this.#openSinceMs === null) return;
    this.#openSinceMs = null;
    this.#round++;
  }

  async #failed(): Promise<void> {
    this.#failures++;
    if (this.#openSinceMs === null && this.#failures < this.#limit) return;
    // Before the clock is asked: meanwhile nobody may try.
    this.#openSinceMs = Number.POSITIVE_INFINITY;
    this.#round++;
    this.#openSinceMs = await this.#clock.monotonicMs();
  }
}
