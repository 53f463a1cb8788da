/**
 * Concurrent calls share one promise: whoever asks while the work is under way gets the same result, or the same failure.
 * Whoever asks afterwards starts it anew: nothing is kept.
 */
export class SingleFlight<Result> {
  #pending: Promise<Result> | null = null;

  /** @param work is called at once, unless an earlier call's is still under way */
  run(work: () => Promise<Result>): Promise<Result> {
    // Forgotten before any caller hears of the result: who asks again from there starts anew.
    this.#pending ??= begin(work).finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }
}

/** Work that throws before its first wait fails like any other. */
async function begin<Result>(work: () => Promise<Result>): Promise<Result> {
  return work();
}
