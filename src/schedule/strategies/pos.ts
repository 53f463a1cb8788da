/**
 * POS: partial order sampling (Yuan, Yang, Gu, CAV 2018).
 *
 * Each operation, not each process, has a random priority, and the highest runs first. When it runs, pending operations that conflict
 * with it draw a new priority. For example, a and b are about to write the same file, c reads another one:
 *
 *   priorities a 9, b 5, c 3  →  a runs; b conflicts with it and draws 1; c runs before b
 *
 * Without the new draw, an operation that has lost once would be likely to lose again.
 *
 * Differences from the paper: whether two operations conflict is known from the first runs, by their names; one that did not happen
 * there conflicts with all. Faults are targeted as well.
 */
import type { EnabledSet } from '../../sim/index.ts';
import { FaultTargetingChoices } from '../fault-targeting.ts';
import { mix } from '../random.ts';
import { argmax } from './argmax.ts';
import type { Estimates, Strategy } from './strategy.ts';

class PosChoices extends FaultTargetingChoices {
  readonly #seed: number;
  /** For each operation that has drawn again, the number of the draw, from which its priority is derived. */
  readonly #redrawn = new Map<number, number>();
  #draws = 0;

  constructor(seed: number, estimates: Estimates) {
    super(seed, estimates);
    this.#seed = mix(seed, 0x905);
  }

  protected override schedule(n: number, candidates: EnabledSet): number {
    const first = argmax(n, (i) => this.#priority(candidates.sequenceOf(i)));
    this.#redraw(first, n, candidates);
    return first;
  }

  /** Operations that conflict with the one that runs draw a new priority. */
  #redraw(first: number, n: number, candidates: EnabledSet): void {
    if (!this.known.isContested(candidates, first)) return;
    for (let i = 0; i < n; i++) {
      if (i === first || !this.known.conflict(candidates, first, i)) continue;
      this.#redrawn.set(candidates.sequenceOf(i), ++this.#draws);
    }
  }

  #priority(sequence: number): number {
    const draw = this.#redrawn.get(sequence);
    return mix(draw === undefined ? this.#seed : mix(this.#seed, draw), sequence);
  }
}

/**
 * Each operation draws a priority when it becomes enabled, and again after a conflicting one has run; the highest runs
 * first.
 */
export const POS: Strategy = {
  name: 'pos',
  about: 'a random priority for each operation, redrawn after a conflict',
  choices: (seed, estimates) => new PosChoices(seed, estimates),
};
