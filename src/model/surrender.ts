/** A single failure is no reason to give up; two in a row, with no success between them, are. */
const FAILURES_TO_SURRENDER = 2;

/**
 * When an owner should give up by itself: what it owns is broken and starting it again does not help. Only a row of
 * failures counts, so that one crash does not tear down an owner that works.
 */
export class Surrender {
  #failures = 0;

  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns whether that was one too many */
  failed(): boolean {
    this.#failures++;
    return this.#failures >= FAILURES_TO_SURRENDER;
  }
}
