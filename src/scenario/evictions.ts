/** Takeovers that programs have declared by the mark `evict`, and for how long each process has been running without a stop. */
import type { SimProcess, StateVisitor } from '../sim/index.ts';
import { reads, updates, writes } from './logged.ts';

/** A process is about to end another one to take over ownership, declared by the mark `evict` (`pid`). */
export interface Eviction {
  readonly by: SimProcess;
  readonly of: SimProcess;
  /** Whether the target is the owner, and not only a contender. */
  readonly owns: boolean;
  /** How long the target has been running without a stop, in simulated milliseconds; 0 if it is stopped or has ended. */
  readonly runningForMs: number;
  /** @deprecated Use {@link Eviction.runningForMs}. This name works until version 0.3. */
  readonly soundForMs: number;
}

export class Evictions {
  readonly #all: Eviction[] = [];
  /** When each process was started, or last stopped or continued. */
  readonly #impairedUs = new Map<SimProcess, number>();

  get all(): readonly Eviction[] {
    reads(EVICTIONS);
    return this.#all;
  }

  /** A process was started, stopped or continued. */
  impaired(process: SimProcess, nowUs: number): void {
    writes(impairedOf(process));
    this.#impairedUs.set(process, nowUs);
  }

  ended(process: SimProcess): void {
    writes(impairedOf(process));
  }

  /** @param isOwner whether the target is the owner; not asked if there is no such process */
  declared(
    by: SimProcess,
    of: SimProcess | undefined,
    nowUs: number,
    isOwner: (process: SimProcess) => boolean,
  ): void {
    updates(EVICTIONS);
    if (of === undefined) return;
    reads(impairedOf(of));
    const sinceUs = this.#impairedUs.get(of);
    const unimpairedMs = sinceUs === undefined ? Number.POSITIVE_INFINITY : (nowUs - sinceUs) / 1000;
    const runningForMs = of.state === 'running' ? unimpairedMs : 0;
    this.#all.push({ by, of, owns: isOwner(of), runningForMs, soundForMs: runningForMs });
  }

  copy(): Evictions {
    const copy = new Evictions();
    copy.#all.push(...this.#all);
    for (const [process, atUs] of this.#impairedUs) copy.#impairedUs.set(process, atUs);
    return copy;
  }

  visit(into: StateVisitor): void {
    const { cells } = into;
    into.part(cells.of(EVICTIONS));
    for (const { by, of, owns, runningForMs } of this.#all) {
      into.number(by.index);
      into.number(of.index);
      into.boolean(owns);
      into.number(runningForMs);
    }
    for (const [process, atUs] of this.#impairedUs) {
      if (!process.alive) continue;
      into.part(cells.of(impairedOf(process)));
      into.number(atUs);
    }
  }
}

/** The cells of it. */
const EVICTIONS = 'evictions';

function impairedOf({ index }: SimProcess): string {
  return `impaired ${index}`;
}
