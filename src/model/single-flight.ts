/**
 * Concurrent calls share one promise: calls made while the work is in progress get the same result or failure. A later call
 * starts the work again: results are not cached.
 */
export class SingleFlight<Result> {
  #pending: Promise<Result> | null = null;

  /** @param work called immediately, unless an earlier call is still in progress */
  run(work: () => Promise<Result>): Promise<Result> {
    // Reset before any caller receives the result, so that a caller that calls again starts the work again.
    this.#pending ??= begin(work).finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }
}

/** Turns a synchronous exception into a rejection. */
async function begin<Result>(work: () => Promise<Result>): Promise<Result> {
  return work();
}
