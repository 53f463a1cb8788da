import type { StateHasher } from './digest.ts';
import { type Restore, refill } from './snapshot.ts';

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
  /** Tells what will happen, see {@link StateHasher}. */
  digest(digest: StateHasher): void;
}

/** One binary heap of timers, in microseconds of the machine's monotonic clock. */
export class TimerHeap {
  readonly #heap: Timer[] = [];
  #seq = 0;

  /** What is due at no number is due at once: it would order nothing, and time would never pass it. */
  set(dueUs: number, due: Due): Timer {
    const atUs = Number.isNaN(dueUs) ? 0 : dueUs;
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
    while (this.nextUs <= nowUs) {
      const { due } = this.#pop();
      due!.fire();
    }
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

function before(a: Timer, b: Timer): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.seq < b.seq);
}
