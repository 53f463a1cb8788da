/** What happens below a state, from the transitions that lead on from it. */
import type { Explored } from '../dfs/transition.ts';
import { type AccessNumber, type AccessTable, NO_ACCESS } from './accesses.ts';
import { type CellSet, NO_CELLS } from './cell-sets.ts';
import { othersOf, type Summary, withoutOf } from './summary.ts';

/** The cell that says whether a process runs, is stopped or has ended. */
export type StateCellOf = (process: number) => number;

export class Composer {
  readonly #table: AccessTable;
  readonly #stateCellOf: StateCellOf;

  constructor(table: AccessTable, stateCellOf: StateCellOf) {
    this.#table = table;
    this.#stateCellOf = stateCellOf;
  }

  /** At the end of a run. */
  leaf(reads: CellSet): Summary {
    const everything = this.#table.number({ reads, writes: NO_CELLS, counts: NO_CELLS });
    return { others: [], without: [], everything, reads };
  }

  /**
   * All transitions were explored. `null` if it is not known what happens below one of them.
   *
   * @param processes how many there are, with those that have ended
   * @param onlyIdle time passed because nothing else could happen, and would not have passed otherwise
   * @param blocked what decides that time could not pass
   */
  all(
    explored: readonly Explored[],
    processes: number,
    onlyIdle: boolean,
    blocked: AccessNumber,
  ): Summary | null {
    if (!isKnown(explored)) return null;
    const others: AccessNumber[] = [];
    const without: AccessNumber[] = [];
    for (let process = 0; process < processes; process++) {
      others.push(this.#table.union(blocked, this.#others(explored, process, onlyIdle)));
      without.push(this.#table.union(blocked, this.#without(explored, process)));
    }
    return { others, without, ...this.#everything(explored) };
  }

  /** Only the operations of one process were explored: all others come below. */
  reduced(
    explored: readonly Explored[],
    processes: number,
    only: number,
    blocked: AccessNumber,
  ): Summary | null {
    if (!isKnown(explored)) return null;
    const others: AccessNumber[] = [];
    const without: AccessNumber[] = [];
    for (let process = 0; process < processes; process++) {
      let [o, w] = [blocked, blocked];
      for (const { transition, below } of explored) {
        const own = process === only ? NO_ACCESS : transition.accesses;
        o = this.#union(o, own, othersOf(below, process));
        w = this.#union(w, own, withoutOf(below, process));
      }
      others.push(o);
      without.push(w);
    }
    return { others, without, ...this.#everything(explored) };
  }

  #others(explored: readonly Known[], process: number, onlyIdle: boolean): AccessNumber {
    let sum: AccessNumber = NO_ACCESS;
    for (const { transition, below } of explored) {
      const { kind, accesses, kills } = transition;
      const isOwn = transition.process === process;
      if (kind === 'operation' && isOwn) continue;
      // While the process could go on, time does not pass for want of anything else.
      if (kind === 'time' && onlyIdle) continue;
      if (kind === 'fault' && isOwn) {
        const without = withoutOf(below, process);
        // What others do once it is dead, they do as well if its operation comes first, as far as they can tell.
        sum = this.#table.union(sum, kills ? this.#table.reading(without) : without);
      } else {
        sum = this.#union(sum, accesses, othersOf(below, process));
      }
    }
    return sum;
  }

  #without(explored: readonly Known[], process: number): AccessNumber {
    let sum: AccessNumber = NO_ACCESS;
    for (const { transition, below } of explored) {
      const { kind, accesses } = transition;
      const isOwn = transition.process === process;
      if (kind === 'operation' && isOwn) continue;
      sum = this.#table.union(sum, withoutOf(below, process));
      if (kind === 'fault' && isOwn) continue;
      sum = this.#table.union(sum, kind === 'time' ? this.#withoutState(accesses, process) : accesses);
    }
    return sum;
  }

  /** That time lets a stopped process go on is the end of its stop, and no access by others. */
  #withoutState(accesses: AccessNumber, process: number): AccessNumber {
    const cell = this.#stateCellOf(process);
    const isContinued = this.#table.sets.has(this.#table.get(accesses).writes, cell);
    return isContinued ? this.#table.without(accesses, cell) : accesses;
  }

  #everything(explored: readonly Known[]): Pick<Summary, 'everything' | 'reads'> {
    let everything: AccessNumber = NO_ACCESS;
    let reads: CellSet = NO_CELLS;
    for (const { transition, below } of explored) {
      everything = this.#union(everything, transition.accesses, below.everything);
      reads = this.#table.sets.union(reads, this.#table.get(transition.accesses).reads);
      reads = this.#table.sets.union(reads, below.reads);
    }
    return { everything, reads };
  }

  #union(a: AccessNumber, b: AccessNumber, c: AccessNumber): AccessNumber {
    return this.#table.union(a, this.#table.union(b, c));
  }
}

interface Known extends Explored {
  readonly below: Summary;
}

export function isKnown(explored: readonly Explored[]): explored is readonly Known[] {
  return explored.every(({ below }) => below !== null);
}
