/** Two independent sums of 32 bits: two of a million states agree by chance once in about 10^7 searches. */
const A = 0x85ebca6b;
const B = 0xc2b2ae35;
/** What follows is of another kind than a number. */
const TEXT = 0x7e57;
const NOTHING = 0x0;

/**
 * A short name for a state: the same numbers and texts, told in the same order, give the same name. So that a search may
 * tell whether it has been in a state before.
 */
export class Digest {
  #a = 0x9e3779b9;
  #b = 0x165667b1;

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
    this.#mix(value.length);
    for (let i = 0; i < value.length; i++) this.#mix(value.charCodeAt(i));
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
