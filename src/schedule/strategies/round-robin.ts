import type { EnabledSet } from '../../sim/index.ts';
import { mix, RandomChoices, Stream } from '../random.ts';
import type { Strategy } from './strategy.ts';

/** How many steps a turn has; a run draws one. With 1, processes run in lockstep. Chosen by hand. */
const QUANTA = [1, 1, 2, 3, 5, 8, 13] as const;

class RoundRobinChoices extends RandomChoices {
  readonly #quantum: number;
  /** The seed of the order in which processes take turns. */
  readonly #order: number;
  #current = -1;
  #left = 0;

  constructor(seed: number) {
    super(seed);
    const stream = new Stream(mix(seed, 0x0b1));
    this.#quantum = QUANTA[stream.below(QUANTA.length)]!;
    this.#order = stream.bits();
  }

  protected override schedule(n: number, candidates: EnabledSet): number {
    if (this.#left > 0) {
      for (let i = 0; i < n; i++) if (candidates.processOf(i) === this.#current) return this.#take(i);
    }
    let next = 0;
    for (let i = 1; i < n; i++) {
      if (this.#distance(candidates.processOf(i)) < this.#distance(candidates.processOf(next))) next = i;
    }
    this.#current = candidates.processOf(next);
    this.#left = this.#quantum;
    return this.#take(next);
  }

  #take(i: number): number {
    this.#left--;
    return i;
  }

  /** The distance of a process from the current one, in the order of turns. */
  #distance(process: number): number {
    const turn = (of: number): number => mix(this.#order, of) >>> 0;
    const ahead = turn(process) - turn(this.#current);
    return ahead > 0 ? ahead : ahead + 0x1_0000_0000;
  }
}

/** Processes take turns with equal numbers of steps, as on an unloaded machine. */
export const ROUND_ROBIN: Strategy = {
  name: 'round-robin',
  about: 'processes take turns in a random order, with equal numbers of steps',
  choices: (seed) => new RoundRobinChoices(seed),
};
