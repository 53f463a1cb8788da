import type { Candidates, Choices } from '../../sim/index.ts';
import { mix, RandomChoices, Stream } from './random.ts';

/** What a strategy may know before a run. */
export interface Hints {
  /** How many scheduling choices a run of this scenario makes, as far as is known. */
  choices: number;
}

/** A way to search the schedules of a scenario. */
export interface Strategy {
  readonly name: string;
  readonly about: string;
  choices(seed: number, hints: Hints): Choices;
}

const STICKY_RATE = 0.8;
/** How many change points a PCT run has: it finds bugs that need at most one more ordering than that. */
const PCT_DEPTH = 3;

/** Mostly the same process goes on. */
class StickyChoices extends RandomChoices {
  protected override schedule(n: number, candidates: Candidates): number {
    return this.stream('schedule').chance(STICKY_RATE) ? 0 : super.schedule(n, candidates);
  }
}

/** Each operation draws a priority when it is first seen; the highest goes first (the basic form of POS, Yuan et al. 2018). */
class PosChoices extends RandomChoices {
  readonly #seed: number;

  constructor(seed: number) {
    super(seed);
    this.#seed = mix(seed, 0x905);
  }

  protected override schedule(n: number, candidates: Candidates): number {
    return highest(n, (i) => mix(this.#seed, candidates.sequenceOf(i)));
  }
}

/** Processes have priorities, and fall behind all others at a few random points (PCT, Burckhardt et al. 2010). */
class PctChoices extends RandomChoices {
  readonly #seed: number;
  readonly #fallAt = new Set<number>();
  readonly #fallen = new Map<number, number>();
  #choices = 0;

  constructor(seed: number, hints: Hints) {
    super(seed);
    this.#seed = mix(seed, 0x9c7);
    const points = new Stream(mix(seed, 0x9c8));
    for (let i = 0; i < PCT_DEPTH; i++) this.#fallAt.add(points.below(Math.max(1, hints.choices)));
  }

  protected override schedule(n: number, candidates: Candidates): number {
    const first = highest(n, (i) => this.#priority(candidates.processOf(i)));
    if (!this.#fallAt.has(this.#choices++)) return first;
    this.#fallen.set(candidates.processOf(first), this.#choices);
    return highest(n, (i) => this.#priority(candidates.processOf(i)));
  }

  #priority(process: number): number {
    const fallen = this.#fallen.get(process);
    // Whoever has fallen is below all who have not, and below all who fell before.
    return fallen === undefined ? mix(this.#seed, process) : -0x1_0000_0000 - fallen;
  }
}

/** The first of the candidates with the highest priority. */
function highest(n: number, priority: (i: number) => number): number {
  let best = 0;
  let bestPriority = priority(0);
  for (let i = 1; i < n; i++) {
    const p = priority(i);
    if (p > bestPriority) {
      best = i;
      bestPriority = p;
    }
  }
  return best;
}

const RANDOM: Strategy = {
  name: 'random',
  about: 'any operation that could happen, with equal chances',
  choices: (seed) => new RandomChoices(seed),
};
const STICKY: Strategy = {
  name: 'sticky',
  about: `the same process goes on in ${STICKY_RATE * 100} % of the steps`,
  choices: (seed) => new StickyChoices(seed),
};
const POS: Strategy = {
  name: 'pos',
  about: 'a random priority for each operation',
  choices: (seed) => new PosChoices(seed),
};
const PCT: Strategy = {
  name: 'pct',
  about: `a priority for each process, changed at ${PCT_DEPTH} points`,
  choices: (seed, hints) => new PctChoices(seed, hints),
};

const MEMBERS = [RANDOM, POS, STICKY, PCT];

/** No strategy finds every kind of bug soon; in turns they do. */
const PORTFOLIO: Strategy = {
  name: 'portfolio',
  about: `${MEMBERS.map(({ name }) => name).join(', ')}: each for a quarter of the runs`,
  choices: (seed, hints) => MEMBERS[(seed >>> 0) % MEMBERS.length]!.choices(seed, hints),
};

export const STRATEGIES: readonly Strategy[] = [PORTFOLIO, ...MEMBERS];

export const DEFAULT_STRATEGY = PORTFOLIO;

export function findStrategy(name: string): Strategy | undefined {
  return STRATEGIES.find((strategy) => strategy.name === name);
}
