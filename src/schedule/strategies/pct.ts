import type { EnabledSet } from '../../sim/index.ts';
import { FaultTargetingChoices } from '../fault-targeting.ts';
import { mix, Stream } from '../random.ts';
import { argmax } from './argmax.ts';
import type { Estimates, Profile, Strategy } from './strategy.ts';

/** How many change points a run has at most: it finds bugs that need at most one more ordering than that. */
const MAX_DEPTH = 4;
/** In which part of a run they lie; a run draws one. Claims are made early, and heartbeats go on for long. */
const HORIZONS = [1, 1, 2, 4] as const;
/** How often they lie only where somebody touches what several processes touch. */
const CONTESTED_RATE = 0.6;

class PctChoices extends FaultTargetingChoices {
  readonly #seed: number;
  readonly #fallAt = new Set<number>();
  readonly #fallen = new Map<number, number>();
  /** Only choices that touch one of these count; null: all do. */
  readonly #contested: Profile['contested'] | null;
  #counted = 0;
  #falls = 0;

  constructor(seed: number, { choices, profile }: Estimates) {
    super(seed);
    this.#seed = mix(seed, 0x9c7);
    const points = new Stream(mix(seed, 0x9c8));
    const contested = points.chance(CONTESTED_RATE) && profile !== undefined && profile.contested.size > 0;
    this.#contested = contested ? profile.contested : null;
    const known = contested ? profile.contestedChoices : choices;
    const horizon = Math.max(1, Math.ceil(known / HORIZONS[points.below(HORIZONS.length)]!));
    const depth = 1 + points.below(MAX_DEPTH);
    for (let i = 0; i < depth; i++) this.#fallAt.add(points.below(horizon));
  }

  protected override schedule(n: number, candidates: EnabledSet): number {
    const first = argmax(n, (i) => this.#priority(candidates.processOf(i)));
    if (!this.#counts(first, candidates) || !this.#fallAt.has(this.#counted++)) return first;
    this.#fallen.set(candidates.processOf(first), ++this.#falls);
    return argmax(n, (i) => this.#priority(candidates.processOf(i)));
  }

  #counts(i: number, candidates: EnabledSet): boolean {
    if (this.#contested === null) return true;
    return candidates.footprintOf(i).resources.some((resource) => this.#contested!.has(resource));
  }

  #priority(process: number): number {
    const fallen = this.#fallen.get(process);
    // Whoever has fallen is below all who have not, and below all who fell before.
    return fallen === undefined ? mix(this.#seed, process) : -0x1_0000_0000 - fallen;
  }
}

/** Processes have priorities, and fall behind all others at a few random points (Burckhardt et al. 2010). */
export const PCT: Strategy = {
  name: 'pct',
  about: `a priority for each process, changed at up to ${MAX_DEPTH} points`,
  choices: (seed, estimates) => new PctChoices(seed, estimates),
};
