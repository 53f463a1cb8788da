import type { EnabledSet } from '../../sim/index.ts';
import { FaultTargetingChoices } from '../fault-targeting.ts';
import { mix, Stream } from '../random.ts';
import type { Estimates, Strategy } from './strategy.ts';

/** How often a run looks at one contested thing only, and not at all that happens. */
const SELECTIVE_RATE = 0.75;

class SurwChoices extends FaultTargetingChoices {
  /** What the run looks at; null: at everything. */
  readonly #resource: string | null;
  /** How many interesting operations are left of each process, as far as is known. */
  readonly #left: number[];
  readonly #unknown: number;
  /** Whose interesting operation is the next one. */
  #intended: number | null = null;

  constructor(seed: number, { profile, choices }: Estimates) {
    super(seed);
    const stream = new Stream(mix(seed, 0x5e1ec7));
    const contested = [...(profile?.contested.keys() ?? [])];
    const selective = contested.length > 0 && stream.chance(SELECTIVE_RATE);
    this.#resource = selective ? contested[stream.below(contested.length)]! : null;
    const counts = this.#resource === null ? profile?.steps : profile!.contested.get(this.#resource);
    this.#left = [...(counts ?? [])];
    const known = this.#left.filter((count) => count > 0);
    const sum = known.reduce((total, count) => total + count, 0);
    this.#unknown = known.length === 0 ? Math.max(1, choices / 2) : sum / known.length;
  }

  protected override schedule(n: number, candidates: EnabledSet): number {
    const intended = this.#intend(n, candidates);
    const eligible: number[] = [];
    for (let i = 0; i < n; i++) {
      if (candidates.processOf(i) === intended || !this.#isInteresting(i, candidates)) eligible.push(i);
    }
    const choice = eligible[eligible.length < 2 ? 0 : this.stream('schedule').below(eligible.length)]!;
    if (candidates.processOf(choice) === intended && this.#isInteresting(choice, candidates)) {
      this.#left[intended] = this.#leftOf(intended) - 1;
      this.#intended = null;
    }
    return choice;
  }

  /** Whoever has more to come has more of the orders that are left, and so is likelier to be next. */
  #intend(n: number, candidates: EnabledSet): number {
    const processes = new Set<number>();
    for (let i = 0; i < n; i++) processes.add(candidates.processOf(i));
    if (this.#intended !== null && processes.has(this.#intended)) return this.#intended;
    let sum = 0;
    for (const process of processes) sum += this.#leftOf(process);
    let at = this.stream('schedule').unit() * sum;
    let last = 0;
    for (const process of processes) {
      last = process;
      at -= this.#leftOf(process);
      if (at < 0) break;
    }
    this.#intended = last;
    return last;
  }

  /** At least one: a forecast may be wrong. */
  #leftOf(process: number): number {
    return Math.max(1, this.#left[process] || this.#unknown);
  }

  #isInteresting(i: number, candidates: EnabledSet): boolean {
    return this.#resource === null || candidates.footprintOf(i).resources.includes(this.#resource);
  }
}

/**
 * Every order of the operations on one contested thing is equally likely, as far as the first runs can foretell how many
 * each process has (selectively uniform random walk, Zhao et al. 2025).
 */
export const SURW: Strategy = {
  name: 'surw',
  about: 'all orders of the operations on one contested file, process or TCP port with equal chances',
  choices: (seed, estimates) => new SurwChoices(seed, estimates),
};
