/** The parts of a state with their exact values, where a fingerprint is not enough: which of them differ between two states? */
import type { Cell, CellTable } from './accesses.ts';
import type { Fingerprint, StateVisitor } from './state-hasher.ts';

export class StateParts implements StateVisitor {
  readonly cells: CellTable;
  readonly isExact = true;
  /** By cell, its values; one that was given several times has several. */
  readonly #parts = new Map<Cell, string[][]>();
  #current: string[] = [];

  constructor(cells: CellTable) {
    this.cells = cells;
  }

  part(cell: Cell): void {
    this.#current = [];
    const same = this.#parts.get(cell);
    if (same === undefined) this.#parts.set(cell, [this.#current]);
    else same.push(this.#current);
  }

  number(value: number): void {
    this.#current.push(String(value));
  }

  text(value: string): void {
    this.#current.push(JSON.stringify(value));
  }

  boolean(value: boolean): void {
    this.#current.push(String(value));
  }

  nothing(): void {
    this.#current.push('nothing');
  }

  fingerprint({ a, b, c, d }: Fingerprint): void {
    this.#current.push(`${a}/${b}/${c}/${d}`);
  }

  data(value: unknown): void {
    this.#current.push(JSON.stringify(value) ?? 'nothing');
  }

  constant(value: object): void {
    this.data(value);
  }

  cellNames(): string[] {
    return [...this.#parts.keys()].map((cell) => this.cells.nameOf(cell));
  }

  has(cell: Cell): boolean {
    return this.#parts.has(cell);
  }

  /** The exact value of a part, as text. `undefined`: it is not there. */
  valueOf(cell: Cell): string | undefined {
    return this.#parts
      .get(cell)
      ?.map((values) => values.join(' '))
      .sort()
      .join('; ');
  }

  /** All parts that are not the same in both, or only in one of the two. */
  *differingFrom(other: StateParts): Generator<Cell> {
    for (const cell of this.#parts.keys()) if (this.valueOf(cell) !== other.valueOf(cell)) yield cell;
    for (const cell of other.#parts.keys()) if (!this.has(cell)) yield cell;
  }

  /** The whole state as text: the exact name of it, for tests. */
  toString(): string {
    return [...this.#parts.keys()]
      .map((cell) => `${this.cells.nameOf(cell)}: ${this.valueOf(cell)}`)
      .sort()
      .join('\n');
  }
}
