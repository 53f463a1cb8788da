import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ChoiceKind, Choices, EnabledSet } from '../sim/index.ts';
import { CHOICE_KINDS } from '../sim/index.ts';

/** How many operations lie between two faults, on average; a run draws one. Null: a run without faults. */
const FAULT_GAPS = [null, 6, 20, 60, 200] as const;
/** How often time passes although somebody could run; a run draws one. */
const BUSY_RATES = [0, 0, 0.01, 0.1] as const;
/** How likely each optional start is left out; a run draws one. */
const OPTIONAL_RATES = [0, 0.25, 0.5, 0.75] as const;

/**
 * Seeded choices, one random stream per concern. Each run draws its own weights (swarm testing: runs that differ in
 * kind find more than runs that differ in detail). Strategies override how the schedule is chosen; see `AimedChoices` for faults.
 */
export class RandomChoices implements Choices {
  readonly #seed: number;
  readonly #streams: Partial<Record<ChoiceKind, Stream>> = {};
  readonly #faultGap: number | null;
  readonly #busyRate: number;
  readonly #optionalRate: number;
  /** Which kinds of fault this run may draw, as bits. */
  readonly #faultKinds: number;
  #untilFault: number;
  #untilBusy: number;

  constructor(seed: number) {
    this.#seed = seed;
    const knobs = new Stream(mix(seed, 0x5eed));
    this.#faultGap = FAULT_GAPS[knobs.below(FAULT_GAPS.length)]!;
    this.#busyRate = BUSY_RATES[knobs.below(BUSY_RATES.length)]!;
    this.#optionalRate = OPTIONAL_RATES[knobs.below(OPTIONAL_RATES.length)]!;
    this.#faultKinds = knobs.bits();
    this.#untilFault = this.#drawGap();
    this.#untilBusy = this.#drawBusyGap();
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
        // What the scenario demands is always there.
        return 0;
      case 'optional':
        return this.stream('optional').chance(this.#optionalRate) ? 1 : 0;
      case 'target':
        return this.target(n, candidates);
      default:
        return this.stream(concern).below(n);
    }
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

  /** @param kinds those that are had, as bits */
  protected anyFault(n: number, kinds: number = this.#faultKinds): number {
    const kind = 1 + this.stream('fault').below(n - 1);
    // A kind that this run does without: the strike falls to the next one that it has.
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

  #drawGap(): number {
    if (this.#faultGap === null) return Number.POSITIVE_INFINITY;
    return geometric(this.stream('fault'), this.#faultGap);
  }
}

/** How often nothing happens before something does, as if each time were drawn for itself. */
export function geometric(stream: Stream, mean: number): number {
  return Math.floor(Math.log(1 - stream.unit()) * -mean);
}

/** Numbers from one seed. */
export class Stream {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  bits(): number {
    return this.#generator.next() >>> 0;
  }

  /** 0 inclusive to 1 exclusive. */
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

/** Two numbers into one, well spread (the finalizer of MurmurHash3). */
export function mix(a: number, b: number): number {
  let h = (a ^ Math.imul(b + 0x9e3779b9, 0x85ebca6b)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
