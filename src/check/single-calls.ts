/** The choices of a run, with each synchronous call in a step of its own: so that one call can be moved, not only all of a step. */
import type { Guide } from '../schedule/guide.ts';
import type { ChoiceKind, Choices, EnabledSet, SimProcess } from '../sim/index.ts';

/** Each call costs the start of its program: a run with more of them is left as it is. Chosen by hand. */
const MOST_CALLS = 200;

export class SingleCalls implements Guide {
  readonly follows = true;
  readonly #source: Choices;
  #calls = 0;
  /** The number of the process that is to go on with its call. */
  #goesOn: number | null = null;
  /** Whether the step that ends before the call is over. */
  #isNext = false;

  constructor(source: Choices) {
    this.#source = source;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    if (concern === 'preempt') {
      const choice = this.#source.choose(n, concern, candidates);
      if (choice === 1 || this.#calls++ >= MOST_CALLS) return choice;
      this.#goesOn = candidates!.processOf(0);
      this.#isNext = false;
      return 1;
    }
    if (this.#goesOn === null) return this.#source.choose(n, concern, candidates);
    // Whether a fault strikes before a call is asked in both cases; the passing of time, and who goes on, only in this one.
    if (concern === 'time') return 0;
    if (concern !== 'schedule' && concern !== 'settle') return this.#source.choose(n, concern, candidates);
    for (let i = 0; i < n; i++) if (candidates!.processOf(i) === this.#goesOn) return i;
    return 0;
  }

  stepped(_process: SimProcess): void {
    if (this.#isNext) this.#goesOn = null;
    this.#isNext = this.#goesOn !== null;
  }
}
