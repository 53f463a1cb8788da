/** Sets of cells, each stored once: equal sets have equal numbers, so that unions and intersections can be looked up. */
import type { Cell } from '../../sim/index.ts';

/** The number of a set. 0 is the empty one. */
export type CellSet = number;

export const NO_CELLS: CellSet = 0;

const BITS = 32;
/** Two set numbers in one exact integer: 2^26 sets are more than memory holds. */
const PAIR = 2 ** 26;

export class CellSets {
  /** By the numbers of the sets: one bit a cell, without trailing zeros. */
  readonly #words: Uint32Array[] = [new Uint32Array(0)];
  readonly #numbers = new Map<string, CellSet>([['', NO_CELLS]]);
  readonly #unions = new Map<number, CellSet>();
  readonly #intersections = new Map<number, CellSet>();

  of(cells: Iterable<Cell>): CellSet {
    const words: number[] = [];
    for (const cell of cells) {
      const at = Math.floor(cell / BITS);
      while (words.length <= at) words.push(0);
      words[at]! |= 1 << (cell % BITS);
    }
    return this.#numberOf(Uint32Array.from(words));
  }

  union(a: CellSet, b: CellSet): CellSet {
    if (a === b || b === NO_CELLS) return a;
    if (a === NO_CELLS) return b;
    const key = keyOf(a, b);
    let union = this.#unions.get(key);
    if (union === undefined) {
      union = this.#numberOf(combine(this.#words[a]!, this.#words[b]!));
      this.#unions.set(key, union);
    }
    return union;
  }

  intersection(a: CellSet, b: CellSet): CellSet {
    if (a === b) return a;
    if (a === NO_CELLS || b === NO_CELLS) return NO_CELLS;
    const key = keyOf(a, b);
    let common = this.#intersections.get(key);
    if (common === undefined) {
      const other = this.#words[b]!;
      common = this.#numberOf(this.#words[a]!.map((word, i) => word & (other[i] ?? 0)));
      this.#intersections.set(key, common);
    }
    return common;
  }

  intersect(a: CellSet, b: CellSet): boolean {
    return this.intersection(a, b) !== NO_CELLS;
  }

  has(set: CellSet, cell: Cell): boolean {
    return (((this.#words[set]![Math.floor(cell / BITS)] ?? 0) >>> (cell % BITS)) & 1) === 1;
  }

  without(set: CellSet, cell: Cell): CellSet {
    if (!this.has(set, cell)) return set;
    const words = this.#words[set]!.slice();
    words[Math.floor(cell / BITS)]! &= ~(1 << (cell % BITS));
    return this.#numberOf(words);
  }

  cellsOf(set: CellSet): Cell[] {
    return [...this.#words[set]!].flatMap((word, at) =>
      Array.from({ length: BITS }, (_, bit) => at * BITS + bit).filter(
        (cell) => (word >>> (cell % BITS)) & 1,
      ),
    );
  }

  #numberOf(words: Uint32Array): CellSet {
    let length = words.length;
    while (length > 0 && words[length - 1] === 0) length--;
    const trimmed = length === words.length ? words : words.slice(0, length);
    const key = trimmed.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#words.length;
      if (number >= PAIR) throw new RangeError(`more than ${PAIR} different sets of cells`);
      this.#words.push(trimmed);
      this.#numbers.set(key, number);
    }
    return number;
  }
}

function keyOf(a: CellSet, b: CellSet): number {
  return a < b ? a * PAIR + b : b * PAIR + a;
}

function combine(a: Uint32Array, b: Uint32Array): Uint32Array {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  const words = longer.slice();
  for (const [i, word] of shorter.entries()) words[i]! |= word;
  return words;
}
