/** Pseudo-random numbers from a seed, for plans: the same seed gives the same numbers. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export class Draws {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
    // The first number of neighbouring seeds is almost the same.
    for (let i = 0; i < 8; i++) this.#generator.next();
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  unit(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  /** A whole number below `n`. */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** A whole number from `least` to `most`, short ones as likely as long ones of ten times the length. */
  between(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.unit());
  }

  pick<T>(things: readonly T[]): T {
    return things[this.below(things.length)]!;
  }

  /** All of them in a random order (Fisher and Yates). */
  shuffled<T>(things: readonly T[]): T[] {
    const all = [...things];
    for (let i = all.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [all[i], all[other]] = [all[other]!, all[i]!];
    }
    return all;
  }

  /** A seed for numbers of their own. */
  seed(): number {
    return this.#generator.next() >>> 0;
  }
}
