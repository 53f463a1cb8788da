import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';
import { CHOICE_KINDS } from '../sim/index.ts';

// The weights are chosen by hand. Each run draws its own, so no single value is decisive.
/** The mean number of operations between two faults; `null` for a run without faults. */
const FAULT_GAPS = [null, 6, 20, 60, 200] as const;
/** The probability that time passes although a process could run. */
const BUSY_RATES = [0, 0, 0.01, 0.1] as const;
/** The probability that an optional process is left out. */
const OPTIONAL_RATES = [0, 0.25, 0.5, 0.75] as const;
/** The mean number of synchronous calls between two before which others go on. */
const PREEMPT_GAPS = [1, 2, 4, 16, 64] as const;
/** How often that happens in a run at most: each time costs the start of a program. */
const MOST_PREEMPTS = [0, 2, 4, 8] as const;

/**
 * Seeded choices with a random stream for each kind of choice. Each run draws its own weights (swarm testing, Groce et al., ISSTA
 * 2012: runs of different kinds find more than variations of one kind). Strategies override the choice of the schedule; for faults
 * see {@link FaultTargetingChoices}.
 */
export class RandomChoices implements Choices {
  readonly #seed: number;
  readonly #streams: Partial<Record<ChoiceKind, Stream>> = {};
  readonly #faultGap: number | null;
  readonly #busyRate: number;
  readonly #optionalRate: number;
  /** The kinds of fault that this run may draw, as bits. */
  readonly #faultKinds: number;
  #untilFault: number;
  #untilBusy: number;
  #preempts: number;
  readonly #preemptGap: number;
  #untilPreempt = 0;

  constructor(seed: number) {
    this.#seed = seed;
    const knobs = new Stream(mix(seed, 0x5eed));
    this.#faultGap = FAULT_GAPS[knobs.below(FAULT_GAPS.length)]!;
    this.#busyRate = BUSY_RATES[knobs.below(BUSY_RATES.length)]!;
    this.#optionalRate = OPTIONAL_RATES[knobs.below(OPTIONAL_RATES.length)]!;
    this.#faultKinds = knobs.bits();
    this.#untilFault = this.#drawGap();
    this.#untilBusy = this.#drawBusyGap();
    this.#preempts = MOST_PREEMPTS[knobs.below(MOST_PREEMPTS.length)]!;
    this.#preemptGap = PREEMPT_GAPS[knobs.below(PREEMPT_GAPS.length)]!;
    if (this.#preempts > 0) this.#untilPreempt = this.#drawPreemptGap();
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    switch (concern) {
      case 'schedule':
        return this.schedule(n, candidates!);
      case 'fault':
        return this.fault(n, candidates);
      case 'time':
        return this.#time();
      case 'absent':
        // Required processes always run.
        return 0;
      case 'optional':
        return this.stream('optional').chance(this.#optionalRate) ? 1 : 0;
      case 'preempt':
        return this.preempt(candidates!) ? 1 : 0;
      case 'target':
        return this.target(n, candidates);
      default:
        return this.stream(concern).below(n);
    }
  }

  /** @param candidates the synchronous call, and then what could happen before it */
  protected preempt(candidates: EnabledSet): boolean {
    if (this.#preempts === 0 || candidates.count() === 1 || this.#untilPreempt-- > 0) return false;
    this.#preempts--;
    this.#untilPreempt = this.#drawPreemptGap();
    return true;
  }

  protected target(n: number, _candidates: EnabledSet | undefined): number {
    return this.stream('target').below(n);
  }

  protected schedule(n: number, _candidates: EnabledSet): number {
    return this.stream('schedule').below(n);
  }

  protected stream(concern: ChoiceKind): Stream {
    this.#streams[concern] ??= new Stream(mix(this.#seed, CHOICE_KINDS.indexOf(concern)));
    return this.#streams[concern];
  }

  protected fault(n: number, _candidates: EnabledSet | undefined): number {
    if (this.#untilFault-- > 0) return 0;
    this.#untilFault = this.#drawGap();
    return this.anyFault(n);
  }

  /** @param kinds the kinds that may be drawn, as bits */
  protected anyFault(n: number, kinds: number = this.#faultKinds): number {
    const kind = 1 + this.stream('fault').below(n - 1);
    // If this run does not have the drawn kind, the next kind that it has strikes.
    for (let i = 0; i < n - 1; i++) {
      const other = 1 + ((kind - 1 + i) % (n - 1));
      if ((kinds >>> (other - 1)) & 1) return other;
    }
    return kind;
  }

  #time(): number {
    if (this.#untilBusy-- > 0) return 0;
    this.#untilBusy = this.#drawBusyGap();
    return 1;
  }

  #drawBusyGap(): number {
    return this.#busyRate === 0
      ? Number.POSITIVE_INFINITY
      : geometric(this.stream('time'), 1 / this.#busyRate);
  }

  #drawPreemptGap(): number {
    return geometric(this.stream('preempt'), this.#preemptGap);
  }

  #drawGap(): number {
    if (this.#faultGap === null) return Number.POSITIVE_INFINITY;
    return geometric(this.stream('fault'), this.#faultGap);
  }
}

/** A geometrically distributed number: how often nothing happens before something does. */
export function geometric(stream: Stream, mean: number): number {
  return Math.floor(Math.log(1 - stream.unit()) * -mean);
}

/** Pseudo-random numbers from a seed. */
export class Stream {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  bits(): number {
    return this.#generator.next() >>> 0;
  }

  /** A number from 0 (inclusive) to 1 (exclusive). */
  unit(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** A whole number below `n`. The bias is below n / 2^32. */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }
}

/** Hashes two numbers into one (the finalizer of MurmurHash3). */
export function mix(a: number, b: number): number {
  let h = (a ^ Math.imul(b + 0x9e3779b9, 0x85ebca6b)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
