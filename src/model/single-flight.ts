/**
 * Concurrent calls share one promise: whoever asks while the work is under way gets the same result, or the same failure.
 * Whoever asks afterwards starts it anew: nothing is kept.
 */
export class SingleFlight<Result> {
  #pending: Promise<Result> | null = null;

  /** @param work is called at once, unless an earlier call's is still under way */
  run(work: () => Promise<Result>): Promise<Result> {
    this.#pending ??= this.#begin(work);
    return this.#pending;
  }

  async #begin(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } finally {
      // Before any caller hears of the result: who asks again from there starts anew.
      this.#pending = null;
    }
  }
}
