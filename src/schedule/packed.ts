/**
 * Packs sequences of small numbers: repeated sequences are stored once, the rest with as many bits as needed. For the choices of
 * long runs, see `token.ts`. Not zlib, because its output differs between versions.
 */

/** The largest number that can be stored. */
export const MOST_PACKED = 0xffff_ffff;
/** The maximum number of bytes for `count` numbers. */
export const packedBytes = (count: number): number => count * 4 + (count / LITERAL_AT_ONCE + 1) * 4;

/** Shorter repeats are not worth the two to six bytes that a repeat needs. */
const LEAST_REPEAT = 16;
/** How many numbers are hashed to find an earlier equal sequence. */
const WINDOW = 8;
const TABLE_BITS = 15;
/** All numbers of a literal have the width of the largest, so a literal is short: a single large number must not cost much. */
const LITERAL_AT_ONCE = 256;
/** The maximum length of a varint. */
const VARINT_BYTES = 6;

/** The bytes do not contain valid packed numbers. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

/** A growing buffer. A long run needs millions of bytes, for which an array of numbers would take too much memory. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = value;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) + 0x80);
    this.byte(rest);
  }
}

/** Appends the numbers without their count. */
export function pack(bytes: ByteWriter, numbers: readonly number[]): void {
  const table = new Int32Array(1 << TABLE_BITS).fill(-1);
  let literalFrom = 0;
  let known = 0;
  for (let at = 0; at < numbers.length; ) {
    const near = repeatLength(numbers, at, 1);
    const earlier = table[hashAt(numbers, at)]!;
    const far = earlier < 0 ? 0 : repeatLength(numbers, at, at - earlier);
    const count = Math.max(near, far);
    const end = count < LEAST_REPEAT ? at + 1 : at + count;
    if (count >= LEAST_REPEAT) {
      pushLiterals(bytes, numbers, literalFrom, at);
      bytes.varint(count * 2);
      bytes.varint(near >= far ? 1 : at - earlier);
      literalFrom = end;
    }
    for (; known < end; known++) table[hashAt(numbers, known)] = known;
    at = end;
  }
  pushLiterals(bytes, numbers, literalFrom, numbers.length);
}

/** The length of the sequence from `at` that equals the one `distance` before. Numbers before the first count as 0. */
function repeatLength(numbers: readonly number[], at: number, distance: number): number {
  let end = at;
  while (end < numbers.length && numbers[end] === (numbers[end - distance] ?? 0)) end++;
  return end - at;
}

function hashAt(numbers: readonly number[], at: number): number {
  let hash = 0;
  for (let i = at; i < at + WINDOW; i++) hash = Math.imul(hash ^ (numbers[i] ?? 0), 0x9e37_79b1);
  return hash >>> (32 - TABLE_BITS);
}

function pushLiterals(bytes: ByteWriter, numbers: readonly number[], from: number, to: number): void {
  for (let at = from; at < to; at += LITERAL_AT_ONCE) {
    pushLiteral(bytes, numbers.slice(at, Math.min(to, at + LITERAL_AT_ONCE)));
  }
}

function pushLiteral(bytes: ByteWriter, numbers: readonly number[]): void {
  const width = Math.max(1, 32 - Math.clz32(Math.max(...numbers)));
  bytes.varint(numbers.length * 2 + 1);
  bytes.byte(width);
  let bits = 0;
  let value = 0;
  for (const number of numbers) {
    value += number * 2 ** bits;
    for (bits += width; bits >= 8; bits -= 8) {
      bytes.byte(value % 0x100);
      value = Math.floor(value / 0x100);
    }
  }
  if (bits > 0) bytes.byte(value);
}

/** Reads packed numbers. Never reads past the end, even of invalid bytes. */
export class Unpacker {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** @throws UnpackError */
  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new UnpackError('its choices are truncated');
    return byte;
  }

  /** @throws UnpackError */
  varint(): number {
    let value = 0;
    for (let i = 0; i < VARINT_BYTES; i++) {
      const byte = this.byte();
      value += (byte % 0x80) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new UnpackError('it contains an endless number');
  }

  /**
   * Appends `count` numbers.
   *
   * @throws UnpackError
   */
  unpack(numbers: number[], count: number): void {
    const from = numbers.length;
    const to = from + count;
    while (numbers.length < to) {
      const tag = this.varint();
      const length = Math.floor(tag / 2);
      if (length === 0 || length > to - numbers.length)
        throw new UnpackError('it has the wrong number of choices');
      if (tag % 2 === 1) this.#literal(numbers, length);
      else this.#repeat(numbers, from, length);
    }
  }

  #literal(numbers: number[], length: number): void {
    const width = this.byte();
    if (width < 1 || width > 32) throw new UnpackError(`its choices cannot have ${width} bits each`);
    const modulus = 2 ** width;
    let bits = 0;
    let value = 0;
    for (let i = 0; i < length; i++) {
      for (; bits < width; bits += 8) value += this.byte() * 2 ** bits;
      numbers.push(value % modulus);
      value = Math.floor(value / modulus);
      bits -= width;
    }
  }

  #repeat(numbers: number[], from: number, length: number): void {
    const distance = this.varint();
    if (distance === 0) throw new UnpackError('it contains an invalid repeat');
    for (let i = 0; i < length; i++) {
      const source = numbers.length - distance;
      numbers.push(source < from ? 0 : numbers[source]!);
    }
  }
}
