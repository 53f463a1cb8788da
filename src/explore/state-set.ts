/** How full the table may be. */
const LOAD = 0.75;
/** And when there may be none that is larger: one free slot in ten still ends each look. */
const MOST_LOAD = 0.9;
/** 8 GB. */
const MOST_SLOTS = 2 ** 30;
const FIRST_SLOTS = 1 << 12;

/** Names of states, 64 bits each and nothing else: 11 to 21 bytes a state. */
export class StateSet {
  #slots = new Int32Array(2 * FIRST_SLOTS);
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

  /** False: it was there. */
  add(a: number, b: number): boolean {
    // Two zeros mean an empty slot.
    const high = (a | b) === 0 ? 1 : a | 0;
    const low = b | 0;
    if (this.#mayGrow && this.size > this.#mask * LOAD) this.#grow();
    if (!this.#mayGrow && this.size > this.#mask * MOST_LOAD) this.isFull = true;
    return this.#insert(high, low);
  }

  clear(): void {
    this.#slots.fill(0);
    this.size = 0;
    this.isFull = false;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  #insert(a: number, b: number): boolean {
    const slots = this.#slots;
    for (let at = (a ^ (b << 7)) & this.#mask; ; at = (at + 1) & this.#mask) {
      const high = slots[2 * at]!;
      const low = slots[2 * at + 1]!;
      if (high === a && low === b) return false;
      if ((high | low) !== 0) continue;
      slots[2 * at] = a;
      slots[2 * at + 1] = b;
      this.size++;
      return true;
    }
  }

  #grow(): void {
    const old = this.#slots;
    const larger = old.length < 2 * this.#mostSlots ? allocate(old.length * 2) : null;
    if (larger === null) {
      this.#mayGrow = false;
      return;
    }
    this.#slots = larger;
    this.#mask = this.#slots.length / 2 - 1;
    this.size = 0;
    for (let at = 0; at < old.length; at += 2) {
      if ((old[at]! | old[at + 1]!) !== 0) this.#insert(old[at]!, old[at + 1]!);
    }
  }
}

/** Null: there is no memory for it. */
function allocate(length: number): Int32Array<ArrayBuffer> | null {
  try {
    return new Int32Array(length);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
