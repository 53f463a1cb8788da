/**
 * What happens below a state of the search, as far as the reduction has to know: computed bottom-up, stored once for each
 * combination.
 */
import { type AccessNumber, NO_ACCESS } from './accesses.ts';
import { type CellSet, NO_CELLS } from './cell-sets.ts';

/** The number of a {@link Summary}. */
export type SummaryNumber = number;

export interface Summary {
  /**
   * By process: what all others may access below while it could run and does not. Time passes only by choice then, since
   * it could go on.
   */
  readonly others: readonly AccessNumber[];
  /** By process: the same while it is stopped or has ended, when time may also pass because nothing else can happen. */
  readonly without: readonly AccessNumber[];
  /** For a process that is not among them: everything that may be accessed below. */
  readonly everything: AccessNumber;
  /** All that is read below, including by invariants and at the end of the run. */
  readonly reads: CellSet;
}

/** Of a state that the search has entered and not yet left: what happens below is not known. */
export const UNFINISHED: SummaryNumber = 0;

export const NOTHING: Summary = { others: [], without: [], everything: NO_ACCESS, reads: NO_CELLS };

export class SummaryTable {
  readonly #all: (Summary | null)[] = [null];
  readonly #numbers = new Map<string, SummaryNumber>();

  number(summary: Summary): SummaryNumber {
    const { others, without, everything, reads } = summary;
    const key = `${others.join()}|${without.join()}|${everything}|${reads}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#all.length;
      this.#all.push(summary);
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** `null` while the state is unfinished. */
  get(number: SummaryNumber): Summary | null {
    return this.#all[number]!;
  }
}

export function othersOf({ others }: Summary, process: number): AccessNumber {
  return others[process] ?? NO_ACCESS;
}

export function withoutOf({ without, everything }: Summary, process: number): AccessNumber {
  return without[process] ?? everything;
}
