/** A decision of a run, and which of its options have been, are, or will be taken. */
interface Decision {
  options: readonly number[];
  /** The one option that a reduction has left, unless it turns out that it was wrong. */
  only: number | null;
  /** Which option is taken now. */
  at: number;
  /** What is known of the run so far when the decision is made. */
  readonly memo: unknown;
}

/** The run that is being made has not gone the way that it went before. */
export class PathError extends Error {
  override readonly name = 'PathError';
}

/**
 * The decisions of a run, in the order in which they are made; then the next run, which differs in the last decision that
 * has an option left. So all runs come in turn, each once: a depth-first search.
 */
export class Path {
  readonly #decisions: Decision[] = [];
  /** How many decisions the run has made so far. */
  #at = 0;

  clear(): void {
    this.#decisions.length = 0;
    this.#at = 0;
  }

  /** @param at the run has made so many decisions already */
  restart(at = 0): void {
    this.#at = at;
  }

  /** How many decisions it takes to leave what the run has in common with the run before. */
  get size(): number {
    return this.#decisions.length;
  }

  /** How many decisions the run has made so far. */
  get length(): number {
    return this.#at;
  }

  /** Whether the run has left the part that it has in common with the run before. */
  get isNew(): boolean {
    return this.#at >= this.#decisions.length;
  }

  /** The decision that was made here before; to be asked only while that is so. */
  again(n: number): number {
    const decision = this.#decisions[this.#at++]!;
    const choice = choiceOf(decision);
    if (choice >= n) throw new PathError(`there were more than ${choice} options, now there are ${n}`);
    return choice;
  }

  /** What was known when the decision was made that was made last. */
  get memo(): unknown {
    return this.#decisions[this.#at - 1]!.memo;
  }

  /** Whether the decision that was made last is one that a reduction has made. */
  get isReduced(): boolean {
    return this.#decisions[this.#at - 1]!.only !== null;
  }

  /**
   * A new decision; its first option is taken.
   *
   * @param only all that a reduction leaves of the options; null: it is no decision of a reduction
   */
  decide(options: readonly number[], only: number | null, memo: unknown): number {
    this.#decisions.push({ options, only, at: 0, memo });
    this.#at++;
    return only ?? options[0]!;
  }

  /** The decisions from the `from`-th on were wrongly reduced: all of their options are to be taken. */
  release(from: number): void {
    for (let i = from; i < this.#at; i++) {
      const decision = this.#decisions[i]!;
      const { only, options } = decision;
      if (only === null) continue;
      decision.options = [only, ...options.filter((option) => option !== only)];
      decision.only = null;
    }
  }

  /** False: there is no other run. */
  next(): boolean {
    const decisions = this.#decisions;
    decisions.length = this.#at;
    while (decisions.length > 0) {
      const last = decisions.at(-1)!;
      if (last.only === null && ++last.at < last.options.length) return true;
      decisions.pop();
    }
    return false;
  }
}

function choiceOf({ options, only, at }: Decision): number {
  return only ?? options[at]!;
}
