import type { Schedule } from '../../run/recorded-choices.ts';
import type { Run } from '../../run/run.ts';
import { CHOICE_KINDS, type ChoiceKind, type Choices, type EnabledSet } from '../../sim/index.ts';
import { mix, Stream } from '../random.ts';
import { StateWatch } from '../state-watch.ts';
import { POS } from './pos.ts';
import { STICKY } from './sticky.ts';
import type { Estimates, Learner, Strategy } from './strategy.ts';
import { SURW } from './surw.ts';

// Chosen by hand; decision 24 compares the strategy with the others.
/** The probability that a run starts from the beginning instead of from a moment. */
const FRESH_RATE = 0.3;
/** How many of the latest moments are kept. */
const MAX_MOMENTS = 200;
/** At most how many scheduling choices before the moment a run may diverge from its parent. */
const MAX_BACK = 6;

/** The strategies with which a run starts, or continues from a moment. */
const WAYS = [STICKY, POS, SURW] as const;

/** The point of a run at which it reached an abstract state that no earlier run had reached. */
interface Moment {
  readonly schedule: Schedule;
  /** How many choices of each kind it had made by then. */
  readonly made: readonly number[];
}

class NoveltyLearner implements Learner {
  readonly #seen = new Set<number>();
  readonly #moments: Moment[] = [];
  /** What the run that is going on has reached: learned when it is over. An interrupted run is made again, and reaches the same. */
  readonly #reached = new Map<number, Moment>();
  #watch!: StateWatch;

  choices(seed: number, estimates: Estimates): Choices {
    const stream = new Stream(mix(seed, 0x0e1));
    const way = WAYS[stream.below(WAYS.length)]!.choices(seed, estimates);
    if (this.#moments.length === 0 || stream.chance(FRESH_RATE)) return way;
    const { schedule, made } = this.#moments[stream.below(this.#moments.length)]!;
    return new BranchedChoices(schedule, made, stream.below(MAX_BACK + 1), way);
  }

  listener(schedule: Schedule): StateWatch {
    this.#watch = new StateWatch((state) => {
      if (this.#seen.has(state) || this.#reached.has(state)) return;
      const made = CHOICE_KINDS.map((concern) => schedule[concern].length);
      this.#reached.set(state, { schedule, made });
    });
    return this.#watch;
  }

  begins(run: Run): void {
    this.#watch.attach(run);
  }

  learns(): ReadonlySet<number> {
    for (const [state, moment] of this.#reached) {
      this.#seen.add(state);
      this.#moments.push(moment);
    }
    this.#reached.clear();
    this.#moments.splice(0, this.#moments.length - MAX_MOMENTS);
    return this.#watch.states;
  }
}

/** The choices of another run up to a moment, then those of a strategy. */
class BranchedChoices implements Choices {
  readonly #schedule: Schedule;
  readonly #until: ReadonlyMap<ChoiceKind, number>;
  readonly #at = new Map<ChoiceKind, number>();
  readonly #way: Choices;

  constructor(schedule: Schedule, made: readonly number[], back: number, way: Choices) {
    this.#schedule = schedule;
    this.#way = way;
    this.#until = new Map(
      CHOICE_KINDS.map((concern, i) => [concern, concern === 'schedule' ? made[i]! - back : made[i]!]),
    );
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const at = this.#at.get(concern) ?? 0;
    if (at >= this.#until.get(concern)!) return this.#way.choose(n, concern, candidates);
    this.#at.set(concern, at + 1);
    const choice = this.#schedule[concern][at]!;
    return choice < n ? choice : 0;
  }
}

/**
 * Remembers the schedules that reach new abstract states, and continues from there in other ways. Learns within a
 * block of run numbers, so that a seed gives the same runs in every thread and shard.
 */
export const NOVELTY: Strategy = {
  name: 'novelty',
  about: 'returns to where a run reached a new state of claims and processes, and continues differently',
  choices: (seed, estimates) => new NoveltyLearner().choices(seed, estimates),
  learner: () => new NoveltyLearner(),
};
