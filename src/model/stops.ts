/** How long an owner has been stopped (SIGSTOP, Ctrl-Z) while we were watching. */
export class Stops {
  readonly #longestGapMs: number;
  #nonce: string | null = null;
  #sinceMs = 0;
  #lastMs = 0;

  /** @param longestGapMs after a longer gap between two looks the count starts again: we did not run, or it may have run in between */
  constructor(longestGapMs: number) {
    this.#longestGapMs = longestGapMs;
  }

  /** Its complete state. */
  get state(): unknown {
    return [this.#nonce, this.#sinceMs, this.#lastMs];
  }

  /** @param nonce that of the owner, which is stopped at this moment */
  seen(nonce: string, nowMs: number): void {
    if (nonce !== this.#nonce || nowMs - this.#lastMs > this.#longestGapMs) this.#sinceMs = nowMs;
    this.#nonce = nonce;
    this.#lastMs = nowMs;
  }

  /** The owner that we look at is not stopped. */
  ended(): void {
    this.#nonce = null;
  }

  get isNow(): boolean {
    return this.#nonce !== null;
  }

  /** Of the owner that was seen last; 0 if it goes on. */
  get forMs(): number {
    return this.#nonce === null ? 0 : this.#lastMs - this.#sinceMs;
  }
}
