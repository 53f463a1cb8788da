/** How often programs have made each mark, and in which order the marks were first made, as invariants see it. */
import { accesses, type StateVisitor } from '../sim/index.ts';

/** The cell of which marks there are, in the order in which they were first made. */
const NAMES = 'names of marks';

/**
 * By name, how often a program has called `ports.mark`; the names in the order of their first mark. Logs what is read: who asks for
 * one name does not see the order of others.
 */
export class Marks extends Map<string, number> {
  override get(name: string): number | undefined {
    accesses?.read(accesses.cells.of(cellOf(name)));
    return super.get(name);
  }

  override has(name: string): boolean {
    accesses?.read(accesses.cells.of(cellOf(name)));
    return super.has(name);
  }

  override get size(): number {
    accesses?.read(accesses.cells.of(NAMES));
    return super.size;
  }

  override entries(): MapIterator<[string, number]> {
    this.#readsAll();
    return super.entries();
  }

  override keys(): MapIterator<string> {
    this.#readsAll();
    return super.keys();
  }

  override values(): MapIterator<number> {
    this.#readsAll();
    return super.values();
  }

  override [Symbol.iterator](): MapIterator<[string, number]> {
    return this.entries();
  }

  override forEach(visit: (count: number, name: string, map: Map<string, number>) => void): void {
    this.#readsAll();
    super.forEach(visit);
  }

  /** One more mark with this name. A new name changes the order; another mark with a known one is only counted. */
  add(name: string): void {
    const count = super.get(name) ?? 0;
    if (accesses !== null) {
      accesses.count(accesses.cells.of(cellOf(name)));
      if (count === 0) accesses.write(accesses.cells.of(NAMES));
    }
    super.set(name, count + 1);
  }

  copy(): Marks {
    const copy = new Marks();
    for (const [name, count] of super.entries()) copy.set(name, count);
    return copy;
  }

  visit(into: StateVisitor): void {
    for (const name of super.keys()) {
      into.part(into.cells.of(cellOf(name)));
      into.number(super.get(name)!);
    }
    into.part(into.cells.of(NAMES));
    for (const name of super.keys()) into.text(name);
  }

  #readsAll(): void {
    if (accesses === null) return;
    accesses.read(accesses.cells.of(NAMES));
    for (const name of super.keys()) accesses.read(accesses.cells.of(cellOf(name)));
  }
}

function cellOf(name: string): string {
  return `mark ${name}`;
}
