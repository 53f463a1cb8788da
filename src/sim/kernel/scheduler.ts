import { type Restore, refill } from '../base/snapshot.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import type { EnabledSet } from './choices.ts';
import { operationName } from './operation-name.ts';

/** After so many steps in a row the default choice is the next process: else one that polls could hold the machine. */
const QUANTUM_STEPS = 200;

/** Which operations could happen now, and in which order the choice offers them. */
export class Scheduler implements EnabledSet {
  /** Alive and with a program, in the order of their start. */
  readonly active: SimProcess[] = [];
  steps = 0;
  /** Context switches: how often another process went on than the one before. */
  switches = 0;
  /** The process whose operation happened last. */
  last: SimProcess | null = null;
  /** How many operations in a row were those of `last`. */
  #streak = 0;

  add(process: SimProcess): void {
    this.active.push(process);
  }

  remove(process: SimProcess): void {
    const at = this.active.indexOf(process);
    if (at >= 0) this.active.splice(at, 1);
  }

  /** How many operations could happen now. */
  count(): number {
    let count = 0;
    for (const process of this.active) if (process.mayRun) count += process.offered.length;
    return count;
  }

  /** In the order of the choice: first those of the process that ran last, then of the next ones in turn. */
  candidate(i: number): ParkedOperation {
    const from = this.last === null ? 0 : this.last.index + (this.#streak < QUANTUM_STEPS ? 0 : 1);
    let rest = i;
    for (const process of this.active) {
      if (process.index < from || !process.mayRun) continue;
      const { offered } = process;
      if (rest < offered.length) return offered[rest]!;
      rest -= offered.length;
    }
    for (const process of this.active) {
      if (process.index >= from || !process.mayRun) continue;
      const { offered } = process;
      if (rest < offered.length) return offered[rest]!;
      rest -= offered.length;
    }
    throw new RangeError(`choice ${i}: only ${i - rest} operations could happen`);
  }

  /** The operation happens now. */
  take(parked: ParkedOperation): void {
    const { process } = parked;
    const { runnable } = process;
    if (runnable[0] === parked) runnable.shift();
    else runnable.splice(runnable.indexOf(parked), 1);
    this.steps++;
    if (process === this.last) this.#streak++;
    else {
      if (this.last !== null) this.switches++;
      this.last = process;
      this.#streak = 1;
    }
  }

  save(): Restore {
    const { steps, switches, last } = this;
    const streak = this.#streak;
    const active = this.active.slice();
    return () => {
      this.steps = steps;
      this.switches = switches;
      this.last = last;
      this.#streak = streak;
      refill(this.active, active);
    };
  }

  processOf(i: number): number {
    return this.candidate(i).process.index;
  }

  sequenceOf(i: number): number {
    return this.candidate(i).sequence;
  }

  nameOf(i: number): string {
    return operationName(this.candidate(i));
  }
}
