/**
 * Which parts of the machine's state a step reads and writes. Records log their own accesses, so that a search need not be
 * told what an operation touches. Nothing is logged unless a search asks for it.
 */

/** A part of the state that can be read or written on its own, such as a file's content or one name in a directory. */
export type Cell = number;

/** A number for the name of each cell, in the order in which they are first needed. */
export class CellTable {
  readonly #numbers = new Map<string, Cell>();
  readonly #names: string[] = [];
  readonly #keys = new Map<unknown, number>();
  /**
   * The prefixes of names by which directories were listed: each makes a part of its own. What was logged before a prefix was
   * met does not say whether it changed such a listing: a search has to begin again when there is a new one.
   */
  readonly prefixes = new Set<string>();

  of(name: string): Cell {
    let cell = this.#numbers.get(name);
    if (cell === undefined) {
      cell = this.#names.length;
      this.#numbers.set(name, cell);
      this.#names.push(name);
    }
    return cell;
  }

  /** A number for an object or value that names something: the same one for the same. */
  keyNumber(key: unknown): number {
    let number = this.#keys.get(key);
    if (number === undefined) {
      number = this.#keys.size;
      this.#keys.set(key, number);
    }
    return number;
  }

  nameOf(cell: Cell): string {
    return this.#names[cell] ?? `no cell ${cell}`;
  }

  get size(): number {
    return this.#names.length;
  }
}

/** What one step has read and written so far. */
export class AccessLog {
  readonly cells: CellTable;
  readonly reads = new Set<Cell>();
  readonly writes = new Set<Cell>();
  /** Counters that went up or down, times that became the present one: changes that commute with each other. */
  readonly counts = new Set<Cell>();
  readonly #isCoarse: boolean;

  /**
   * @param options `coarse`: a time that becomes the present one counts as written, and a socket that is only looked at as used. What
   *   strategies measure decides which runs a seed gives.
   */
  constructor(cells: CellTable, { coarse = false }: { coarse?: boolean } = {}) {
    this.cells = cells;
    this.#isCoarse = coarse;
  }

  read(cell: Cell): void {
    this.reads.add(cell);
  }

  write(cell: Cell): void {
    this.writes.add(cell);
  }

  /** Reads it, and writes what depends on that. */
  update(cell: Cell): void {
    this.reads.add(cell);
    this.writes.add(cell);
  }

  count(cell: Cell): void {
    this.counts.add(cell);
  }

  /**
   * A time becomes the present one, whatever it was. In which order several steps do that makes no difference while the clock stands
   * still, and the caller has read the clock.
   *
   * @param changes whether it was another one
   * @param set the cell of what sets the time to another one than the present
   */
  touch(cell: Cell, changes: boolean, set: Cell): void {
    if (this.#isCoarse) {
      this.writes.add(cell);
      return;
    }
    this.reads.add(set);
    if (changes) this.counts.add(cell);
  }

  /** Looks at what most steps that use it also change. */
  look(cell: Cell): void {
    this.reads.add(cell);
    if (this.#isCoarse) this.writes.add(cell);
  }

  clear(): void {
    this.reads.clear();
    this.writes.clear();
    this.counts.clear();
  }
}

/** Where accesses are logged; `null` if they are not. */
export let accesses: AccessLog | null = null;

/** Logs the accesses of what follows. @returns what they were logged to before */
export function logAccesses(to: AccessLog | null): AccessLog | null {
  const before = accesses;
  accesses = to;
  return before;
}

/** For lookups that only find out what could be chosen: they are no part of what is chosen. */
export function unlogged<T>(work: () => T): T {
  const before = logAccesses(null);
  try {
    return work();
  } finally {
    accesses = before;
  }
}

/** The cells of one record, each made when it is first needed. */
export class RecordCells {
  readonly #kind: string;
  readonly #number: number;
  #cells: Cell[] | null = null;

  /** @param kind and number name the record throughout a run: `inode`, 12 */
  constructor(kind: string, number: number) {
    this.#kind = kind;
    this.#number = number;
  }

  /** @param part a small number @param name of the part */
  of(cells: CellTable, part: number, name: string): Cell {
    this.#cells ??= [];
    this.#cells[part] ??= this.named(cells, name);
    return this.#cells[part];
  }

  /** Of a part whose name is not known beforehand. */
  named(cells: CellTable, name: string): Cell {
    return cells.of(`${this.#kind} ${this.#number} ${name}`);
  }
}
