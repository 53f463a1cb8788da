/** A single failure is no reason to give up; two in a row are. */
const FAILURES_TO_SURRENDER = 2;

/**
 * Decides when an owner should give up by itself, because what it owns is broken and restarting it does not help. Only
 * consecutive failures count, so that a single crash does not end a working owner.
 */
export class Surrender {
  #failures = 0;

  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns whether the owner should give up */
  failed(): boolean {
    this.#failures++;
    return this.#failures >= FAILURES_TO_SURRENDER;
  }
}
