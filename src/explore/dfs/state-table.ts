/** The states of a search: for each name of 128 bits a number. 20 bytes a slot, and nothing else. */
import type { Fingerprint } from '../../sim/index.ts';

/** How full the table may be. */
const LOAD = 0.75;
/** And when no larger one may be allocated: one free slot in ten still ends every lookup. */
const MOST_LOAD = 0.9;
/** 10 GB: a typed array of more elements cannot be allocated on Node 20. */
const MOST_SLOTS = 2 ** 29;
const FIRST_SLOTS = 1 << 12;
/** Four words of the name, and the value. */
const WORDS = 5;

/** `value` of a slot that is empty. */
export const ABSENT = -1;

export class StateTable {
  #slots = emptySlots(FIRST_SLOTS)!;
  #mask = FIRST_SLOTS - 1;
  size = 0;
  /** Nothing more should be added. */
  isFull = false;
  #mayGrow = true;
  readonly #mostSlots: number;

  /** @param mostSlots how large the table may become, a power of two; less where there is no memory for it */
  constructor(mostSlots: number = MOST_SLOTS) {
    this.#mostSlots = mostSlots;
  }

  /** The value of a state, or {@link ABSENT}. */
  get(name: Fingerprint): number {
    return this.#slots[WORDS * this.#find(name) + 4]!;
  }

  /** @param value not negative */
  set(name: Fingerprint, value: number): void {
    let at = WORDS * this.#find(name);
    if (this.#slots[at + 4] === ABSENT) {
      if (this.#mayGrow && this.size >= this.#mask * LOAD) {
        this.#grow();
        at = WORDS * this.#find(name);
      }
      this.size++;
      if (!this.#mayGrow && this.size > this.#mask * MOST_LOAD) this.isFull = true;
      this.#write(at, name);
    }
    this.#slots[at + 4] = value;
  }

  clear(): void {
    this.#slots = emptySlots(FIRST_SLOTS)!;
    this.#mask = FIRST_SLOTS - 1;
    this.size = 0;
    this.isFull = false;
    this.#mayGrow = true;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  #write(at: number, { a, b, c, d }: Fingerprint): void {
    const slots = this.#slots;
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = c;
    slots[at + 3] = d;
  }

  /** The slot of a name, or the empty one where it belongs. */
  #find({ a, b, c, d }: Fingerprint): number {
    const slots = this.#slots;
    for (let slot = (a ^ (b << 7)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = WORDS * slot;
      if (slots[at + 4] === ABSENT) return slot;
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    const count = (this.#mask + 1) * 2;
    const larger = count <= this.#mostSlots ? emptySlots(count) : null;
    if (larger === null) {
      this.#mayGrow = false;
      return;
    }
    this.#slots = larger;
    this.#mask = count - 1;
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + 4] === ABSENT) continue;
      const name = { a: old[at]!, b: old[at + 1]!, c: old[at + 2]!, d: old[at + 3]! };
      const to = WORDS * this.#find(name);
      this.#write(to, name);
      larger[to + 4] = old[at + 4]!;
    }
  }
}

/** `null` if there is no memory for so many. */
function emptySlots(count: number): Int32Array<ArrayBuffer> | null {
  try {
    return new Int32Array(count * WORDS).fill(ABSENT);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
