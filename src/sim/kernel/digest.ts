/** MurmurHash3's of 64 bits in two halves (Appleby, public domain; the constants of its x86_128 variant, of two of its lanes). */
const MULTIPLY_A = 0x239b961b;
const MULTIPLY_B = 0xab0e9789;
const MULTIPLY_C = 0x38b34ae5;
const ADD_A = 0x561ccd1b;
const ADD_B = 0x0bcaa747;
/** What follows is of another kind than a number. */
const TEXT = 0x7e57;
const NOTHING = 0x6e6f6e65;

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

/** 64 bits, in two halves. */
export interface Fingerprint {
  readonly a: number;
  readonly b: number;
}

/**
 * A short name for a state: the same numbers and texts, told in the same order, give the same name. So that a search may
 * tell whether it has been in a state before. Names of digests with the same {@link StringInterner} can be compared.
 */
export class StateHasher {
  #a = 0x9e3779b9 | 0;
  #b = 0x165667b1;
  readonly #texts: StringInterner;

  constructor(texts: StringInterner) {
    this.#texts = texts;
  }

  /** Another one, empty, that can be compared with this one. */
  fresh(): StateHasher {
    return new StateHasher(this.#texts);
  }

  number(value: number): void {
    this.#mix(value | 0);
    // Times are larger than 32 bits, and may be fractions of a millisecond.
    if (value !== (value | 0)) {
      this.#mix(Math.floor(value / 0x1_0000_0000) | 0);
      this.#mix(Math.round((value % 1) * 0x10_0000));
    }
  }

  named({ a, b }: Fingerprint): void {
    this.#mix(a);
    this.#mix(b);
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

  /** Plain data. Members of objects are told in the order in which they were set. */
  data(value: unknown): void {
    if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') this.text(value);
    else if (value === undefined || value === null) this.nothing();
    else this.text(JSON.stringify(value));
  }

  /** Plain data that nobody changes. */
  constant(value: object): void {
    this.#mix(TEXT);
    this.#mix(this.#texts.numberOfConstant(value));
  }

  /** Things of which the order says nothing. */
  unordered(parts: Iterable<StateHasher>): void {
    let a = 0;
    let b = 0;
    for (const part of parts) {
      const name = part.name();
      a = (a + name.a) | 0;
      b = (b + name.b) | 0;
    }
    this.#mix(a);
    this.#mix(b);
  }

  /** Takes the name that another had, to go on from there. */
  become({ a, b }: Fingerprint): void {
    this.#a = a;
    this.#b = b;
  }

  /** Two digests that were told different things agree by chance only: about once in 2^64 pairs. */
  name(): Fingerprint {
    let a = (this.#a + this.#b) | 0;
    let b = (this.#b + a) | 0;
    a = avalanche(a);
    b = avalanche(b);
    a = (a + b) | 0;
    b = (b + a) | 0;
    return { a, b };
  }

  /** For each value a permutation of all 2^64 states: two that differ never become the same by being told the same. */
  #mix(value: number): void {
    const a = rotate(this.#a ^ Math.imul(rotate(Math.imul(value, MULTIPLY_A), 15), MULTIPLY_B), 19);
    this.#a = (Math.imul(a + this.#b, 5) + ADD_A) | 0;
    const b = rotate(this.#b ^ Math.imul(rotate(Math.imul(value, MULTIPLY_B), 16), MULTIPLY_C), 17);
    this.#b = (Math.imul(b + this.#a, 5) + ADD_B) | 0;
  }
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function avalanche(x: number): number {
  let y = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  y = Math.imul(y ^ (y >>> 13), 0xc2b2ae35);
  return y ^ (y >>> 16);
}
