import { accesses } from '../base/accesses.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { TimerHeap } from '../base/timer-heap.ts';
import type { Choices } from '../kernel/choices.ts';
import type { Clocks } from '../records/clocks.ts';

/** A cell: how much time may still pass so. */
const BUSY = 'busy time';

/** A busy machine: time passes although a process could go on. Bounded in all of a run. */
export class BusyTime {
  /** From here on time passes only when no process can go on. */
  untilUs = Number.POSITIVE_INFINITY;
  #leftUs: number;

  constructor(forMs: number) {
    this.#leftUs = forMs * 1000;
  }

  /** Whether time goes to the next timer before a process goes on, by a choice of the schedule. */
  passes(clocks: Clocks, timers: TimerHeap, choices: Choices): boolean {
    if (this.#leftUs <= 0) return false;
    const { nextUs } = timers;
    const lateUs = nextUs - clocks.unloggedNowUs;
    if (lateUs > this.#leftUs || nextUs > this.untilUs) return false;
    if (choices.choose(2, 'time') === 0) return false;
    if (accesses !== null) accesses.update(accesses.cells.of(BUSY));
    this.#leftUs -= lateUs;
    return true;
  }

  /** Whether time might pass so at another time, or if other timers were set. */
  get isLeft(): boolean {
    return this.#leftUs > 0;
  }

  save(): Restore {
    const leftUs = this.#leftUs;
    return () => {
      this.#leftUs = leftUs;
    };
  }

  visit(into: StateVisitor): void {
    into.part(into.cells.of(BUSY));
    into.number(this.#leftUs);
  }
}
