import { conflict, type EnabledSet } from '../../sim/index.ts';
import { FaultTargetingChoices } from '../fault-targeting.ts';
import { mix } from '../random.ts';
import { argmax } from './argmax.ts';
import type { Strategy } from './strategy.ts';

class PosChoices extends FaultTargetingChoices {
  readonly #seed: number;
  /** Of operations that have drawn anew: what the draw depends on. */
  readonly #redrawn = new Map<number, number>();
  #draws = 0;

  constructor(seed: number) {
    super(seed);
    this.#seed = mix(seed, 0x905);
  }

  protected override schedule(n: number, candidates: EnabledSet): number {
    const first = argmax(n, (i) => this.#priority(candidates.sequenceOf(i)));
    this.#redraw(first, n, candidates);
    return first;
  }

  /** Whoever waits for its turn at what has just changed should not lose, or win, against it for ever. */
  #redraw(first: number, n: number, candidates: EnabledSet): void {
    const footprint = candidates.footprintOf(first);
    if (footprint.resources.length === 0) return;
    for (let i = 0; i < n; i++) {
      if (i === first || !conflict(footprint, candidates.footprintOf(i))) continue;
      this.#redrawn.set(candidates.sequenceOf(i), ++this.#draws);
    }
  }

  #priority(sequence: number): number {
    const draw = this.#redrawn.get(sequence);
    return mix(draw === undefined ? this.#seed : mix(this.#seed, draw), sequence);
  }
}

/**
 * Each operation draws a priority when it is first seen, and again when another has happened that conflicts with it; the
 * highest goes first (partial order sampling, Yuan, Yang and Gu 2018).
 */
export const POS: Strategy = {
  name: 'pos',
  about: 'a random priority for each operation, drawn anew after a conflict',
  choices: (seed) => new PosChoices(seed),
};
