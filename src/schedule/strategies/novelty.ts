import type { Schedule } from '../../run/recorded-choices.ts';
import type { Run } from '../../run/run.ts';
import { CHOICE_KINDS, type ChoiceKind, type Choices, type EnabledSet } from '../../sim/index.ts';
import { mix, Stream } from '../random.ts';
import { StateWatch } from '../state-watch.ts';
import { POS } from './pos.ts';
import { STICKY } from './sticky.ts';
import type { Estimates, Learner, Strategy } from './strategy.ts';
import { SURW } from './surw.ts';

/** How often a run begins anew instead of from where another has been. */
const FRESH_RATE = 0.3;
/** Moments further back than this are no longer gone back to. */
const MAX_MOMENTS = 200;
/** How many scheduling choices before its moment a run may leave its parent. */
const MAX_BACK = 6;

/** How a run goes on, or begins. */
const WAYS = [STICKY, POS, SURW] as const;

/** Where a run was when it came to an abstract state that no run before it had been in. */
interface Moment {
  readonly schedule: Schedule;
  /** How many choices it had made by then, by concern. */
  readonly made: readonly number[];
}

class NoveltyLearner implements Learner {
  readonly #seen = new Set<number>();
  readonly #moments: Moment[] = [];
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
      if (this.#seen.has(state)) return;
      this.#seen.add(state);
      this.#moments.push({ schedule, made: CHOICE_KINDS.map((concern) => schedule[concern].length) });
      if (this.#moments.length > MAX_MOMENTS) this.#moments.shift();
    });
    return this.#watch;
  }

  begins(run: Run): void {
    this.#watch.attach(run);
  }

  learns(): ReadonlySet<number> {
    return this.#watch.states;
  }
}

/** The choices of another run up to a moment of it, then others. */
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
 * Keeps the schedules that lead to abstract states that are new, and goes on from there in another way. Learns within a
 * block of run numbers, so that the same seed gives the same runs wherever they are made.
 */
export const NOVELTY: Strategy = {
  name: 'novelty',
  about: 'back to where a run has met a new state of claims and processes, and on from there in another way',
  choices: (seed, estimates) => new NoveltyLearner().choices(seed, estimates),
  learner: () => new NoveltyLearner(),
};
