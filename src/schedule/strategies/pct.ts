/**
 * PCT: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).
 *
 * Each process has a random priority, and the enabled process with the highest one runs. At d random points of the run, the running
 * process falls below all others. With priorities b > a > c and one change point after step 2:
 *
 *   b b | a a a … c c c … b b b
 *
 * Differences from the paper: the depth d is drawn for each run instead of given; the length of a run, from which the points are
 * drawn, is estimated from the first runs, and often only its beginning is used; and in most runs only steps on contested resources
 * count, so that change points fall where they can matter. So the paper's probabilistic guarantee does not apply.
 */
import type { EnabledSet } from '../../sim/index.ts';
import { FaultTargetingChoices } from '../fault-targeting.ts';
import { mix, Stream } from '../random.ts';
import { argmax } from './argmax.ts';
import type { Estimates, Strategy } from './strategy.ts';

// Chosen by hand; decision 24 compares the strategy with the others.
/** The maximum number of change points of a run. A bug that needs n ordering constraints needs n - 1 change points. */
const MAX_DEPTH = 4;
/** The part of a run that contains the change points: all, half or a quarter. Claims are made early, heartbeats go on for long. */
const HORIZONS = [1, 1, 2, 4] as const;
/** The probability that only steps on contested resources count. */
const CONTESTED_RATE = 0.6;

class PctChoices extends FaultTargetingChoices {
  readonly #seed: number;
  readonly #fallAt = new Set<number>();
  readonly #fallen = new Map<number, number>();
  /** Only choices of operations that conflict with others count. */
  readonly #onlyContested: boolean;
  #counted = 0;
  #falls = 0;

  constructor(seed: number, estimates: Estimates) {
    super(seed, estimates);
    const { choices, profile } = estimates;
    this.#seed = mix(seed, 0x9c7);
    const points = new Stream(mix(seed, 0x9c8));
    const isKnown = profile !== undefined && profile.contestedChoices > 0;
    this.#onlyContested = points.chance(CONTESTED_RATE) && isKnown;
    const known = isKnown && this.#onlyContested ? profile.contestedChoices : choices;
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
    if (!this.#onlyContested) return true;
    return this.known.isContested(candidates, i);
  }

  #priority(process: number): number {
    const fallen = this.#fallen.get(process);
    // A process that has fallen is below all others, including those that fell before.
    return fallen === undefined ? mix(this.#seed, process) : -0x1_0000_0000 - fallen;
  }
}

/** Processes have priorities, and fall below all others at a few random points. */
export const PCT: Strategy = {
  name: 'pct',
  about: `a priority for each process, changed at up to ${MAX_DEPTH} points`,
  choices: (seed, estimates) => new PctChoices(seed, estimates),
};
