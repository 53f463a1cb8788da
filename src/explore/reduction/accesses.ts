/** What steps read and write, each combination stored once, and which two of them commute. */
import type { Cell } from '../../sim/index.ts';
import { type CellSet, CellSets, NO_CELLS } from './cell-sets.ts';

/** The number of an {@link Accesses}. 0: none at all. */
export type AccessNumber = number;

export const NO_ACCESS: AccessNumber = 0;

/** What one step, or many, may read and write. */
export interface Accesses {
  readonly reads: CellSet;
  readonly writes: CellSet;
  /** Counters that go up or down by one: two such changes commute with each other, but not with a read or a write. */
  readonly counts: CellSet;
}

const PAIR = 2 ** 26;

export class AccessTable {
  readonly sets = new CellSets();
  readonly #all: Accesses[] = [{ reads: NO_CELLS, writes: NO_CELLS, counts: NO_CELLS }];
  readonly #numbers = new Map<string, AccessNumber>([['0,0,0', NO_ACCESS]]);
  readonly #unions = new Map<number, AccessNumber>();
  readonly #conflicts = new Map<number, Conflict>();

  number(accesses: Accesses): AccessNumber {
    const { reads, writes, counts } = accesses;
    const key = `${reads},${writes},${counts}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#all.length;
      this.#all.push({ reads, writes, counts });
      this.#numbers.set(key, number);
    }
    return number;
  }

  get(number: AccessNumber): Accesses {
    return this.#all[number]!;
  }

  union(a: AccessNumber, b: AccessNumber): AccessNumber {
    if (a === b || b === NO_ACCESS) return a;
    if (a === NO_ACCESS) return b;
    const key = a < b ? a * PAIR + b : b * PAIR + a;
    let union = this.#unions.get(key);
    if (union === undefined) {
      const [one, other] = [this.#all[a]!, this.#all[b]!];
      union = this.number({
        reads: this.sets.union(one.reads, other.reads),
        writes: this.sets.union(one.writes, other.writes),
        counts: this.sets.union(one.counts, other.counts),
      });
      this.#unions.set(key, union);
    }
    return union;
  }

  /** Only the reads of it. */
  reading(number: AccessNumber): AccessNumber {
    return this.number({ reads: this.#all[number]!.reads, writes: NO_CELLS, counts: NO_CELLS });
  }

  /** All but those of one cell. */
  without(number: AccessNumber, cell: Cell): AccessNumber {
    const { reads, writes, counts } = this.#all[number]!;
    const { sets } = this;
    return this.number({
      reads: sets.without(reads, cell),
      writes: sets.without(writes, cell),
      counts: sets.without(counts, cell),
    });
  }

  /** @param live the cells that something reads later: in which order any other two writes happen makes no difference */
  conflict(a: AccessNumber, b: AccessNumber, live: CellSet): boolean {
    const { always, ifLive } = this.#conflictOf(a, b);
    return always || this.sets.intersect(ifLive, live);
  }

  #conflictOf(a: AccessNumber, b: AccessNumber): Conflict {
    const key = a < b ? a * PAIR + b : b * PAIR + a;
    let conflict = this.#conflicts.get(key);
    if (conflict === undefined) {
      conflict = this.#compare(this.#all[a]!, this.#all[b]!);
      this.#conflicts.set(key, conflict);
    }
    return conflict;
  }

  #compare(a: Accesses, b: Accesses): Conflict {
    const { sets } = this;
    const changedByA = sets.union(a.writes, a.counts);
    const changedByB = sets.union(b.writes, b.counts);
    const always = sets.intersect(changedByA, b.reads) || sets.intersect(changedByB, a.reads);
    const ifLive = sets.union(
      sets.intersection(a.writes, changedByB),
      sets.intersection(changedByA, b.writes),
    );
    return { always, ifLive };
  }
}

interface Conflict {
  /** One changes what the other reads. */
  readonly always: boolean;
  /** Both change these cells, and at least one of them overwrites. */
  readonly ifLive: CellSet;
}
