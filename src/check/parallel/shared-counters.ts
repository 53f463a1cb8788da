const NEXT = 0;
const WANTED = 1;
const OPEN = 2;
const IDLE = 3;

const ALL_WANTED = 0x7fff_ffff;
const NONE_WANTED = -1;
const CLOSED = -1;

/** The state that threads working on the same job share: a few numbers in shared memory. */
export class SharedCounters {
  readonly numbers: Int32Array;

  constructor(numbers: Int32Array = new Int32Array(new SharedArrayBuffer(16))) {
    this.numbers = numbers;
  }

  static begin(): SharedCounters {
    const shared = new SharedCounters();
    shared.numbers[WANTED] = ALL_WANTED;
    return shared;
  }

  /** The index of the next task. Each task is taken once. */
  take(): number {
    return Atomics.add(this.numbers, NEXT, 1);
  }

  /** Tasks with a higher index are no longer needed. */
  cancelAfter(index: number): void {
    for (;;) {
      const wanted = Atomics.load(this.numbers, WANTED);
      if (wanted <= index) return;
      if (Atomics.compareExchange(this.numbers, WANTED, wanted, index) === wanted) return;
    }
  }

  cancelAll(): void {
    this.cancelAfter(NONE_WANTED);
  }

  wants(index: number): boolean {
    return Atomics.load(this.numbers, WANTED) >= index;
  }

  /** A thread joins. `false` if it is too late: the job is done without it. */
  join(): boolean {
    for (;;) {
      const open = Atomics.load(this.numbers, OPEN);
      if (open === CLOSED) return false;
      if (Atomics.compareExchange(this.numbers, OPEN, open, open + 1) === open) return true;
    }
  }

  /** No more threads may join. @returns how many have joined */
  close(): number {
    return Atomics.exchange(this.numbers, OPEN, CLOSED);
  }

  /** A thread has no more tasks to take. */
  idles(): void {
    Atomics.store(this.numbers, IDLE, 1);
  }

  get someIdle(): boolean {
    return Atomics.load(this.numbers, IDLE) === 1;
  }
}
