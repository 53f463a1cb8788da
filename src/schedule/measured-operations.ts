/**
 * Which operations of a scenario touch the same things, as measured in its first runs: for example, that `open /lock 193` of one
 * process changes what `stat /lock` of another reads. Nothing declares that: the records of the machine log it.
 */
import {
  AccessLog,
  type AccessWatch,
  type Cell,
  CellTable,
  operationName,
  type ParkedOperation,
} from '../sim/index.ts';

/** Operations with one name, see `operationName`. */
export interface MeasuredOperation {
  /** It changes what another process reads. */
  readonly changes: boolean;
  /** The names of operations of other processes whose order with it may make a difference. */
  readonly conflicts: ReadonlySet<string>;
}

/**
 * What nearly all operations use: the numbers of new inodes and processes, the clock, and what only a process's own operations use
 * until a signal comes. Nearly everything would conflict with everything.
 */
const USED_BY_ALL = /^(?:inode numbers|next PID|clock|timers)$| local$/;

/** The names of operations, each with the processes that performed it. */
type Uses = Map<string, Set<number>>;

/** What was done to a cell. */
interface CellUses {
  readonly reads: Uses;
  readonly writes: Uses;
  readonly counts: Uses;
}

/** Watches runs, one after the other. */
export class OperationMeter implements AccessWatch {
  readonly log = new AccessLog(new CellTable(), { coarse: true });
  readonly #operations = new Map<string, { changes: boolean; conflicts: Set<string> }>();
  readonly #cells = new Map<Cell, CellUses>();
  /** For each cell, whether it is used by all; as they come. */
  readonly #usedByAll: boolean[] = [];
  #name = '';

  get operations(): ReadonlyMap<string, MeasuredOperation> {
    return this.#operations;
  }

  begins(parked: ParkedOperation): void {
    this.#name = operationName(parked);
  }

  accessed({ process }: ParkedOperation): void {
    if (!this.#operations.has(this.#name))
      this.#operations.set(this.#name, { changes: false, conflicts: new Set() });
    for (const kind of ['reads', 'writes', 'counts'] as const) {
      for (const cell of this.log[kind])
        if (!this.#isUsedByAll(cell)) this.#note(this.#usesOf(cell)[kind], process.index);
    }
  }

  /** The run is over. What follows is another one, in which the same number may name another inode. */
  endRun(): void {
    for (const { reads, writes, counts } of this.#cells.values()) {
      this.#meet(writes, reads);
      this.#meet(counts, reads);
      // In which order it is written makes no difference if nothing reads it.
      if (reads.size === 0) continue;
      this.#meet(writes, writes);
      this.#meet(writes, counts);
    }
    this.#cells.clear();
  }

  #isUsedByAll(cell: Cell): boolean {
    this.#usedByAll[cell] ??= USED_BY_ALL.test(this.log.cells.nameOf(cell));
    return this.#usedByAll[cell];
  }

  #usesOf(cell: Cell): CellUses {
    let uses = this.#cells.get(cell);
    if (uses === undefined) {
      uses = { reads: new Map(), writes: new Map(), counts: new Map() };
      this.#cells.set(cell, uses);
    }
    return uses;
  }

  #note(uses: Uses, process: number): void {
    const processes = uses.get(this.#name);
    if (processes === undefined) uses.set(this.#name, new Set([process]));
    else processes.add(process);
  }

  /** Operations conflict if one of them changes a cell that the other uses, and they are of two processes. */
  #meet(changing: Uses, others: Uses): void {
    for (const [one, ofOne] of changing) {
      for (const [other, ofOther] of others) {
        if (new Set([...ofOne, ...ofOther]).size < 2) continue;
        this.#operations.get(one)!.changes = true;
        this.#operations.get(one)!.conflicts.add(other);
        this.#operations.get(other)!.conflicts.add(one);
      }
    }
  }
}
