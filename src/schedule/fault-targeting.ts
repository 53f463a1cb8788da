import type { EnabledSet } from '../sim/index.ts';
import { KnownOperations } from './known-operations.ts';
import { geometric, mix, RandomChoices, Stream } from './random.ts';
import type { Estimates } from './strategies/strategy.ts';

// All rates are chosen by hand. That targeting pays was measured with `npm run bench -- search`, see decision 24; the values were not
// tuned. None is 1, so that untargeted faults remain possible.
/** The probability that a run targets its faults. */
const AIMED_RATE = 0.6;
/** The mean number of opportunities between two targeted faults; a run draws one. */
const GAPS = [1, 3, 8, 25] as const;
/** The probability that another fault follows immediately, such as the reuse of a PID after a kill. */
const BURST_RATE = 0.4;
/** The probability that a run with targeted faults has all kinds of fault. */
const ALL_KINDS_RATE = 0.5;
/** The probability that a fault hits the process at which it was targeted. */
const HIT_RATE = 0.6;

const ALL_KINDS = -1;

/**
 * Random choices whose faults strike, in most runs, immediately before a process changes what others can see: a file, a process,
 * a TCP port. Races are most likely there: between the check and the act of a process.
 */
export class FaultTargetingChoices extends RandomChoices {
  /** What is known of the operations that could happen next. */
  protected readonly known: KnownOperations;
  /** `null` in a run whose faults strike anywhere. */
  readonly #aim: Stream | null;
  readonly #gap: number;
  readonly #hasAllKinds: boolean;
  #until = 0;
  #at: number | null = null;

  constructor(seed: number, { profile }: Estimates) {
    super(seed);
    this.known = new KnownOperations(profile?.operations);
    const stream = new Stream(mix(seed, 0xa19));
    this.#aim = stream.chance(AIMED_RATE) ? stream : null;
    this.#gap = GAPS[stream.below(GAPS.length)]!;
    this.#hasAllKinds = stream.chance(ALL_KINDS_RATE);
    this.#until = geometric(stream, this.#gap);
  }

  protected override fault(n: number, candidates: EnabledSet | undefined): number {
    if (this.#aim === null || candidates === undefined) return super.fault(n, candidates);
    const changing = this.#changing(this.#aim, candidates);
    if (changing === null || this.#until-- > 0) return 0;
    this.#until = this.#aim.chance(BURST_RATE) ? 0 : geometric(this.#aim, this.#gap);
    this.#at = changing;
    return this.#hasAllKinds ? this.anyFault(n, ALL_KINDS) : this.anyFault(n);
  }

  /** Only before a call whose order with others may make a difference. */
  protected override preempt(candidates: EnabledSet): boolean {
    return this.known.isContested(candidates, 0) && super.preempt(candidates);
  }

  protected override target(n: number, candidates: EnabledSet | undefined): number {
    const at = this.#at;
    this.#at = null;
    if (at === null || candidates === undefined || !this.#aim!.chance(HIT_RATE))
      return super.target(n, candidates);
    for (let i = 0; i < n; i++) if (candidates.processOf(i) === at) return i;
    return super.target(n, candidates);
  }

  /** A random process that is about to change something. */
  #changing(aim: Stream, candidates: EnabledSet): number | null {
    const count = candidates.count();
    if (count === 0) return null;
    const from = count === 1 ? 0 : aim.below(count);
    for (let i = 0; i < count; i++) {
      const candidate = (from + i) % count;
      if (this.known.changes(candidates, candidate)) return candidates.processOf(candidate);
    }
    return null;
  }
}
