/** Names states by 128-bit fingerprints, made of the same parts whose accesses are logged. */
import { type Cell, CellTable } from './accesses.ts';

/** MurmurHash3's finalizer and the constants of its x86_128 variant (Appleby, public domain). */
const MULTIPLY_A = 0x239b961b;
const MULTIPLY_B = 0xab0e9789;
const MULTIPLY_C = 0x38b34ae5;
const MULTIPLY_D = 0xa1e38b93;
const ADD_A = 0x561ccd1b;
const ADD_B = 0x0bcaa747;
const ADD_C = 0x96cd1c35;
const ADD_D = 0x32ac3b17;
/** What follows is of another kind than a number. */
const TEXT = 0x7e57;
const NOTHING = 0x6e6f6e65;

/** 128 bits, in four parts of 32. Two different states have the same one with a probability of 2^-128. */
export interface Fingerprint {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/**
 * Is given the state of a machine, part by part: {@link part} begins one, and what follows belongs to it. The order of
 * parts makes no difference, the order within one does. A part may come several times: then they are all there, in no
 * order.
 */
export interface StateVisitor {
  readonly cells: CellTable;
  /** Parts are wanted too that follow from others: a search reads them apart. */
  readonly isExact: boolean;
  part(cell: Cell): void;
  number(value: number): void;
  text(value: string): void;
  boolean(value: boolean): void;
  nothing(): void;
  fingerprint(value: Fingerprint): void;
  /** Plain data. Members of objects are given in the order in which they were set. */
  data(value: unknown): void;
  /** Plain data that does not change. */
  constant(value: object): void;
}

/** A number for each text, as they come. */
export class StringInterner {
  readonly #numbers = new Map<string, number>();
  readonly #constants = new WeakMap<object, number>();

  /** Of what does not change the text is made once. */
  numberOfConstant(data: object): number {
    let number = this.#constants.get(data);
    if (number === undefined) {
      number = this.numberOf(JSON.stringify(data));
      this.#constants.set(data, number);
    }
    return number;
  }

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/** A sum of the fingerprints of all parts. Fingerprints can be compared if they share interner and cells. */
export class StateHasher implements StateVisitor {
  readonly cells: CellTable;
  readonly isExact = false;
  readonly #texts: StringInterner;
  /** Of the part that is being given. */
  #a = SEED_A;
  #b = SEED_B;
  #c = SEED_C;
  #d = SEED_D;
  #isEmpty = true;
  /** Of those before it. */
  #sum: Fingerprint = ZERO;

  /** @param cells needed only if parts are given */
  constructor(texts: StringInterner, cells: CellTable = NO_CELLS) {
    this.#texts = texts;
    this.cells = cells;
  }

  /** An empty one whose fingerprints can be compared with those of this one. */
  fresh(): StateHasher {
    return new StateHasher(this.#texts, this.cells);
  }

  part(cell: Cell): void {
    this.#endPart();
    this.#mix(cell);
  }

  /** All the parts that another fingerprint was made of. */
  add(parts: Fingerprint): void {
    this.#sum = sumOf(this.#sum, parts);
  }

  number(value: number): void {
    this.#mix(value | 0);
    // Times are larger than 32 bits, and may be fractions of a millisecond.
    if (value !== (value | 0)) {
      this.#mix(Math.floor(value / 0x1_0000_0000) | 0);
      this.#mix(Math.round((value % 1) * 0x10_0000));
    }
  }

  fingerprint({ a, b, c, d }: Fingerprint): void {
    this.#mix(a);
    this.#mix(b);
    this.#mix(c);
    this.#mix(d);
  }

  text(value: string): void {
    this.#mix(TEXT);
    this.#mix(this.#texts.numberOf(value));
  }

  boolean(value: boolean): void {
    this.#mix(value ? 1 : 2);
  }

  nothing(): void {
    this.#mix(NOTHING);
  }

  data(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (value === undefined || value === null) this.nothing();
    else this.text(JSON.stringify(value));
  }

  constant(value: object): void {
    this.#mix(TEXT);
    this.#mix(this.#texts.numberOfConstant(value));
  }

  /** Of all that was given so far. */
  name(): Fingerprint {
    this.#endPart();
    return this.#sum;
  }

  #endPart(): void {
    if (this.#isEmpty) return;
    this.#sum = sumOf(this.#sum, finished(this.#a, this.#b, this.#c, this.#d));
    this.#a = SEED_A;
    this.#b = SEED_B;
    this.#c = SEED_C;
    this.#d = SEED_D;
    this.#isEmpty = true;
  }

  /** For each value a permutation of all states of two lanes each: two that differ never become the same by the same value. */
  #mix(value: number): void {
    this.#isEmpty = false;
    const a = rotate(this.#a ^ Math.imul(rotate(Math.imul(value, MULTIPLY_A), 15), MULTIPLY_B), 19);
    this.#a = (Math.imul(a + this.#b, 5) + ADD_A) | 0;
    const b = rotate(this.#b ^ Math.imul(rotate(Math.imul(value, MULTIPLY_B), 16), MULTIPLY_C), 17);
    this.#b = (Math.imul(b + this.#a, 5) + ADD_B) | 0;
    const c = rotate(this.#c ^ Math.imul(rotate(Math.imul(value, MULTIPLY_C), 17), MULTIPLY_D), 15);
    this.#c = (Math.imul(c + this.#d, 5) + ADD_C) | 0;
    const d = rotate(this.#d ^ Math.imul(rotate(Math.imul(value, MULTIPLY_D), 18), MULTIPLY_A), 13);
    this.#d = (Math.imul(d + this.#c, 5) + ADD_D) | 0;
  }
}

const SEED_A = 0x9e3779b9 | 0;
const SEED_B = 0x165667b1;
const SEED_C = 0x85ebca77 | 0;
const SEED_D = 0xc2b2ae3d | 0;
const NO_CELLS = new CellTable();
const ZERO: Fingerprint = { a: 0, b: 0, c: 0, d: 0 };

function sumOf(one: Fingerprint, other: Fingerprint): Fingerprint {
  return {
    a: (one.a + other.a) | 0,
    b: (one.b + other.b) | 0,
    c: (one.c + other.c) | 0,
    d: (one.d + other.d) | 0,
  };
}

/** As MurmurHash3 ends: all lanes depend on all. */
function finished(a0: number, b0: number, c0: number, d0: number): Fingerprint {
  let a = (a0 + b0 + c0 + d0) | 0;
  let b = (b0 + a) | 0;
  let c = (c0 + a) | 0;
  let d = (d0 + a) | 0;
  a = avalanche(a);
  b = avalanche(b);
  c = avalanche(c);
  d = avalanche(d);
  a = (a + b + c + d) | 0;
  b = (b + a) | 0;
  c = (c + a) | 0;
  d = (d + a) | 0;
  return { a, b, c, d };
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function avalanche(x: number): number {
  let y = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  y = Math.imul(y ^ (y >>> 13), 0xc2b2ae35);
  return y ^ (y >>> 16);
}
