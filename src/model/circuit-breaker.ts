import type { Ports } from '../ports/index.ts';

/** Three failures in a row, then a minute's pause: the values with which claude-mem stopped restarting a vector database (#1085). */
const FAILURES = 3;
const COOLDOWN_MS = 60_000;

export interface BreakerOptions {
  /** How many failures in a row, without a success in between, open it. */
  failures?: number;
  /** How long it stays open, in milliseconds of the monotonic clock, so that a jump of the wall clock changes nothing. */
  cooldownMs?: number;
}

/** The breaker is open: the work was not started. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  /** Milliseconds until the next attempt is allowed. */
  readonly retryInMs: number;

  constructor(retryInMs: number) {
    super(`failed too often in a row: not tried again for ${Math.ceil(retryInMs)} ms`);
    this.retryInMs = retryInMs;
  }
}

/**
 * Stops a storm of retries: after several failures in a row, all calls are refused for a while. Then one call is let through, and
 * its outcome opens or closes the breaker. Calls that were in progress when the breaker opened or closed do not count.
 */
export class CircuitBreaker {
  readonly #clock: Ports['clock'];
  readonly #limit: number;
  readonly #cooldownMs: number;
  #failures = 0;
  /** `null`: closed. Infinity: just opened; the time is not known until the clock has been read. */
  #openSinceMs: number | null = null;
  /** Incremented when the breaker opens, closes or lets a call through: results of an earlier round no longer count. */
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
   * Does the work, unless the breaker is open.
   *
   * @param work counts as a success if it resolves: it should also reject if what it has started turns out not to work
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

  /** Lets one call through after the cooldown and restarts the cooldown, so that a call that hangs does not block the others for ever. */
  #enter(nowMs: number): void {
    // It may have been closed while we read the clock.
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
    // Before reading the clock, so that no call is let through in the meantime.
    this.#openSinceMs = Number.POSITIVE_INFINITY;
    this.#round++;
    this.#openSinceMs = await this.#clock.monotonicMs();
  }
}
