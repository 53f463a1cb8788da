/**
 * SURW: selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025, "Selectively Uniform Concurrency Testing").
 *
 * Choosing among processes with equal probability does not make their interleavings equally likely. If process a has 3 interesting
 * operations left and b has 1, there are 4 interleavings, and in 3 of them a comes first. So a is chosen with probability 3/4:
 *
 *   left a 3, b 1  →  a first with 3/4, b first with 1/4: each of aaab, aaba, abaa, baaa has probability 1/4
 *
 * Only some operations are interesting; all others run in any order.
 *
 * Differences from the paper: for each run an operation is drawn, such as `write /lock`, and it is interesting together with those that
 * conflict with it, and with those that the first runs did not have. The numbers of operations are estimated from the first runs, so
 * the distribution is only approximately uniform.
 */
import type { EnabledSet } from '../../sim/index.ts';
import { FaultTargetingChoices } from '../fault-targeting.ts';
import { mix, Stream } from '../random.ts';
import type { Estimates, Profile, Strategy } from './strategy.ts';

/** The probability that only operations that conflict with one of them are interesting, instead of all. Chosen by hand. */
const SELECTIVE_RATE = 0.75;

const NONE: Profile['operations'] = new Map();

class SurwChoices extends FaultTargetingChoices {
  /** The names of the interesting operations; `null` if all operations are. */
  readonly #interesting: ReadonlySet<string> | null;
  /** The estimated number of interesting operations left for each process. */
  readonly #left: number[];
  readonly #unknown: number;
  /** The process whose interesting operation comes next. */
  #intended: number | null = null;

  constructor(seed: number, estimates: Estimates) {
    super(seed, estimates);
    const { profile, choices } = estimates;
    const stream = new Stream(mix(seed, 0x5e1ec7));
    const operations = profile?.operations ?? NONE;
    const contested = [...operations].filter(([, { conflicts }]) => conflicts.size > 0);
    const isSelective = contested.length > 0 && stream.chance(SELECTIVE_RATE);
    const drawn = isSelective ? contested[stream.below(contested.length)]! : null;
    this.#interesting = drawn && new Set([drawn[0], ...drawn[1].conflicts]);
    this.#left =
      this.#interesting === null ? [...(profile?.steps ?? [])] : timesOf(this.#interesting, operations);
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

  /** Draws the next process, with probabilities proportional to the numbers of operations left. */
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

  /** At least 1, because the estimate may be too low. */
  #leftOf(process: number): number {
    return Math.max(1, this.#left[process] || this.#unknown);
  }

  #isInteresting(i: number, candidates: EnabledSet): boolean {
    if (this.#interesting === null || this.known.isNew(candidates, i)) return true;
    return this.#interesting.has(this.known.nameOf(candidates, i));
  }
}

/** For each process, how many of these operations it performs. */
function timesOf(names: ReadonlySet<string>, operations: Profile['operations']): number[] {
  const sum: number[] = [];
  for (const name of names) {
    for (const [process, count] of (operations.get(name)?.times ?? []).entries())
      sum[process] = (sum[process] ?? 0) + (count ?? 0);
  }
  return sum;
}

/**
 * All interleavings of the operations that conflict with one of them are about equally likely.
 */
export const SURW: Strategy = {
  name: 'surw',
  about: 'all interleavings of the operations that conflict with a drawn one, equally likely',
  choices: (seed, estimates) => new SurwChoices(seed, estimates),
};
