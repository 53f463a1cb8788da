/** How full the table may be. */
const LOAD = 0.6;
const FIRST_SLOTS = 1 << 12;

/** Names of states, 64 bits each and nothing else: 13 to 27 bytes a state. */
export class StateSet {
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  size = 0;

  /** False: it was there. */
  add(a: number, b: number): boolean {
    // Two zeros mean an empty slot.
    const high = (a | b) === 0 ? 1 : a | 0;
    const low = b | 0;
    if (this.size > this.#mask * LOAD) this.#grow();
    return this.#insert(high, low);
  }

  clear(): void {
    this.#slots.fill(0);
    this.size = 0;
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
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#slots.length / 2 - 1;
    this.size = 0;
    for (let at = 0; at < old.length; at += 2) {
      if ((old[at]! | old[at + 1]!) !== 0) this.#insert(old[at]!, old[at + 1]!);
    }
  }
}
