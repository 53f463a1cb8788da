/** What the first runs have shown of the operations that could happen next. */
import type { EnabledSet } from '../sim/index.ts';
import type { MeasuredOperation } from './measured-operations.ts';

interface Known {
  readonly name: string;
  /** `null`: no operation of this name happened in the first runs. */
  readonly measured: MeasuredOperation | null;
}

/**
 * Of one run. An operation that the first runs did not have may change something, and its priority among others counts; but it
 * conflicts with none: if it did with all, every rare operation would undo what a strategy has drawn for the others.
 */
export class KnownOperations {
  readonly #operations: ReadonlyMap<string, MeasuredOperation>;
  /** By the number of the candidate: the name of an operation is made once. */
  readonly #known = new Map<number, Known>();

  constructor(operations: ReadonlyMap<string, MeasuredOperation> = new Map()) {
    this.#operations = operations;
  }

  nameOf(candidates: EnabledSet, i: number): string {
    return this.#of(candidates, i).name;
  }

  /** Whether the first runs did not have such an operation. */
  isNew(candidates: EnabledSet, i: number): boolean {
    return this.#of(candidates, i).measured === null;
  }

  /** Whether it may change what another process reads. */
  changes(candidates: EnabledSet, i: number): boolean {
    return this.#of(candidates, i).measured?.changes ?? true;
  }

  /** Whether another process may touch the same. */
  isContested(candidates: EnabledSet, i: number): boolean {
    const { measured } = this.#of(candidates, i);
    return measured === null || measured.conflicts.size > 0;
  }

  /** Whether the order of two operations may make a difference. */
  conflict(candidates: EnabledSet, i: number, j: number): boolean {
    return this.#of(candidates, i).measured?.conflicts.has(this.nameOf(candidates, j)) ?? false;
  }

  #of(candidates: EnabledSet, i: number): Known {
    const sequence = candidates.sequenceOf(i);
    let known = this.#known.get(sequence);
    if (known === undefined) {
      const name = candidates.nameOf(i);
      known = { name, measured: this.#operations.get(name) ?? null };
      this.#known.set(sequence, known);
    }
    return known;
  }
}
