/** Two independent sums of 32 bits: two of a million states agree by chance once in about 10^7 searches. */
const A = 0x85ebca6b;
const B = 0xc2b2ae35;
/** What follows is of another kind than a number. */
const TEXT = 0x7e57;
const NOTHING = 0x0;

/** A number for each text, as they come. */
export class Texts {
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/**
 * A short name for a state: the same numbers and texts, told in the same order, give the same name. So that a search may
 * tell whether it has been in a state before. Names of digests with the same {@link Texts} can be compared.
 */
export class Digest {
  #a = 0x9e3779b9;
  #b = 0x165667b1;
  readonly #texts: Texts;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  /** Another one, empty, that can be compared with this one. */
  fresh(): Digest {
    return new Digest(this.#texts);
  }

  number(value: number): void {
    this.#mix(value | 0);
    // Times are larger than 32 bits, and may be fractions of a millisecond.
    if (value !== (value | 0)) {
      this.#mix(Math.floor(value / 0x1_0000_0000) | 0);
      this.#mix(Math.round((value % 1) * 0x10_0000));
    }
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

  /** Things of which the order says nothing. */
  unordered(parts: Iterable<Digest>): void {
    let a = 0;
    let b = 0;
    for (const part of parts) {
      a = (a + part.#a) | 0;
      b = (b + part.#b) | 0;
    }
    this.#mix(a);
    this.#mix(b);
  }

  /** Takes the name that another had. */
  become(a: number, b: number): void {
    this.#a = a;
    this.#b = b;
  }

  /** 32 bits of the name. */
  get a(): number {
    return this.#a | 0;
  }

  /** Another 32 bits. */
  get b(): number {
    return this.#b | 0;
  }

  #mix(value: number): void {
    let a = Math.imul(this.#a ^ value, A);
    a ^= a >>> 15;
    this.#a = a;
    let b = Math.imul((this.#b + value) | 0, B);
    b ^= b >>> 13;
    this.#b = Math.imul(b, A) ^ (b >>> 16);
  }
}
