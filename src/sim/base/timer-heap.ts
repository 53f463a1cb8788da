import { accesses } from './accesses.ts';
import { type Restore, refill } from './snapshot.ts';
import type { StateVisitor } from './state-hasher.ts';

/** Cells: which timers there are; with a time, in which order they were set for it. */
const TIMERS = 'timers';
const ORDER = 'timers at';

/** Something due at a time. `seq` keeps equal times in the order in which they were set. */
export interface Timer {
  atUs: number;
  seq: number;
  /** Cleared when the timer is cancelled; the heap drops it when it surfaces. */
  due: Due | null;
}

/** What happens when a time has come: an object rather than a closure, so that a machine's state can be read. */
export interface Due {
  fire(): void;
  /** It only lets one operation go on: in which order several do so makes no difference. */
  readonly onlyWakes?: boolean;
  /** What will happen. */
  visit(into: StateVisitor): void;
}

/** One binary heap of timers, in microseconds of the machine's monotonic clock. */
export class TimerHeap {
  readonly #heap: Timer[] = [];
  #seq = 0;

  /** What is due at no number is due at once: it would order nothing, and time would never pass it. */
  set(dueUs: number, due: Due): Timer {
    const atUs = Number.isNaN(dueUs) ? 0 : dueUs;
    if (accesses !== null) {
      accesses.count(accesses.cells.of(TIMERS));
      accesses.write(accesses.cells.of(`${ORDER} ${atUs}`));
    }
    const timer: Timer = { atUs, seq: this.#seq++, due };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up]!;
      if (!before(timer, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = timer;
    return timer;
  }

  /** When the next timer is due; Infinity when there is none. */
  get nextUs(): number {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return Number.POSITIVE_INFINITY;
      if (first.due !== null) return first.atUs;
      this.#pop();
    }
  }

  /** Fires all that is due at `nowUs`, in order. */
  fireDue(nowUs: number): void {
    if (this.nextUs > nowUs) return;
    if (accesses !== null) {
      accesses.update(accesses.cells.of(TIMERS));
      for (const atUs of this.#orderMatters(nowUs)) accesses.update(accesses.cells.of(`${ORDER} ${atUs}`));
    }
    while (this.nextUs <= nowUs) {
      const { due } = this.#pop();
      due!.fire();
    }
  }

  visit(into: StateVisitor): void {
    const timers = this.pending();
    for (const { atUs, due } of timers) {
      into.part(into.cells.of(TIMERS));
      into.number(atUs);
      due!.visit(into);
    }
    for (const atUs of this.#orderMatters(Number.POSITIVE_INFINITY)) {
      into.part(into.cells.of(`${ORDER} ${atUs}`));
      const all = timers.filter((timer) => timer.atUs === atUs).sort((a, b) => a.seq - b.seq);
      for (const { due } of all) due!.visit(into);
    }
  }

  /** The times, up to `untilUs`, at which several timers are due and not all of them only wake an operation. */
  #orderMatters(untilUs: number): Set<number> {
    const due = this.pending().filter(({ atUs }) => atUs <= untilUs);
    const special = due.filter((timer) => timer.due?.onlyWakes !== true);
    const isShared = ({ atUs }: Timer): boolean => due.filter((other) => other.atUs === atUs).length > 1;
    return new Set(special.filter(isShared).map(({ atUs }) => atUs));
  }

  save(): Restore {
    const seq = this.#seq;
    const timers = this.#heap.slice();
    const due = timers.map((timer) => timer.due);
    return () => {
      this.#seq = seq;
      refill(this.#heap, timers);
      for (let i = 0; i < timers.length; i++) timers[i]!.due = due[i]!;
    };
  }

  /** In no order. */
  pending(): Timer[] {
    return this.#heap.filter(({ due }) => due !== null);
  }

  #pop(): Timer {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= length) break;
      if (down + 1 < length && before(heap[down + 1]!, heap[down]!)) down++;
      if (!before(heap[down]!, last)) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

/** The timer will not fire. */
export function cancelTimer(timer: Timer): void {
  if (accesses !== null && timer.due !== null) {
    accesses.count(accesses.cells.of(TIMERS));
    accesses.write(accesses.cells.of(`${ORDER} ${timer.atUs}`));
  }
  timer.due = null;
}

function before(a: Timer, b: Timer): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.seq < b.seq);
}
