const NEXT = 0;
const WANTED = 1;
const OPEN = 2;
const IDLE = 3;

const ALL_WANTED = 0x7fff_ffff;
const NONE_WANTED = -1;
const CLOSED = -1;

/** What threads that take turns at one job know of each other: a few numbers in shared memory. */
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

  /** The index of the next piece: each is taken once. */
  take(): number {
    return Atomics.add(this.numbers, NEXT, 1);
  }

  /** Pieces of a higher index are no longer wanted. */
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

  /** A thread joins. False: it comes too late, the job is done without it. */
  join(): boolean {
    for (;;) {
      const open = Atomics.load(this.numbers, OPEN);
      if (open === CLOSED) return false;
      if (Atomics.compareExchange(this.numbers, OPEN, open, open + 1) === open) return true;
    }
  }

  /** Nobody may join from now on. @returns how many have */
  close(): number {
    return Atomics.exchange(this.numbers, OPEN, CLOSED);
  }

  /** A thread has nothing left to take. */
  idles(): void {
    Atomics.store(this.numbers, IDLE, 1);
  }

  get someIdle(): boolean {
    return Atomics.load(this.numbers, IDLE) === 1;
  }
}
