import type { EnabledSet } from '../sim/index.ts';
import { geometric, mix, RandomChoices, Stream } from './random.ts';

/** How often the faults of a run are aimed. */
const AIMED_RATE = 0.6;
/** How many chances lie between two faults that are aimed, on average; a run draws one. */
const GAPS = [1, 3, 8, 25] as const;
/** How often another fault follows at once: a crash, and its PID is another's. */
const BURST_RATE = 0.4;
/** How often an aimed run has all kinds of fault. */
const ALL_KINDS_RATE = 0.5;
/** How often an aimed fault hits the process that it was aimed at. */
const HIT_RATE = 0.6;

const ALL_KINDS = -1;

/**
 * Random choices whose faults strike, in most runs, right before somebody changes what others can see: a file, a process,
 * a TCP port. What a process has looked at before may be true no longer just then, and that is where a fault tells.
 */
export class FaultTargetingChoices extends RandomChoices {
  /** Null: in this run faults strike anywhere. */
  readonly #aim: Stream | null;
  readonly #gap: number;
  readonly #hasAllKinds: boolean;
  #until = 0;
  #at: number | null = null;

  constructor(seed: number) {
    super(seed);
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

  protected override target(n: number, candidates: EnabledSet | undefined): number {
    const at = this.#at;
    this.#at = null;
    if (at === null || candidates === undefined || !this.#aim!.chance(HIT_RATE))
      return super.target(n, candidates);
    for (let i = 0; i < n; i++) if (candidates.processOf(i) === at) return i;
    return super.target(n, candidates);
  }

  /** One of the processes that could change something now. */
  #changing(aim: Stream, candidates: EnabledSet): number | null {
    const count = candidates.count();
    if (count === 0) return null;
    const from = count === 1 ? 0 : aim.below(count);
    for (let i = 0; i < count; i++) {
      const candidate = (from + i) % count;
      if (candidates.footprintOf(candidate).writes) return candidates.processOf(candidate);
    }
    return null;
  }
}
