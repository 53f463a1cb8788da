/** What invariants remember of a run. A search that goes back takes it back too, and has to know whether two states are alike in it. */
import { accesses, type CellTable, SimProcess, type StateVisitor } from '../sim/index.ts';

/** Values by keys of the invariants' own. Logs which are read and written. */
export class InvariantState extends Map<unknown, unknown> {
  override get(key: unknown): unknown {
    const value = super.get(key);
    if (accesses !== null) {
      accesses.read(cellOf(accesses.cells, key));
      // An object may be changed without being set again.
      if (isObject(value)) accesses.write(cellOf(accesses.cells, key));
    }
    return value;
  }

  override has(key: unknown): boolean {
    if (accesses !== null) accesses.read(cellOf(accesses.cells, key));
    return super.has(key);
  }

  override set(key: unknown, value: unknown): this {
    if (accesses !== null) {
      const isSame = super.has(key) && Object.is(super.get(key), value) && !isObject(value);
      // What stays as it is has only been looked at.
      if (isSame) accesses.read(cellOf(accesses.cells, key));
      else this.#writes(key);
    }
    return super.set(key, value);
  }

  override delete(key: unknown): boolean {
    if (accesses !== null) this.#writes(key);
    return super.delete(key);
  }

  override clear(): void {
    if (accesses !== null) for (const key of super.keys()) this.#writes(key);
    super.clear();
  }

  override get size(): number {
    this.#readsAll();
    return super.size;
  }

  override entries(): MapIterator<[unknown, unknown]> {
    this.#readsAll();
    return super.entries();
  }

  override keys(): MapIterator<unknown> {
    this.#readsAll();
    return super.keys();
  }

  override values(): MapIterator<unknown> {
    this.#readsAll();
    return super.values();
  }

  override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
    return this.entries();
  }

  override forEach(visit: (value: unknown, key: unknown, map: Map<unknown, unknown>) => void): void {
    this.#readsAll();
    super.forEach(visit);
  }

  /**
   * Another one that shares nothing with this one that may change.
   *
   * @throws TypeError see {@link copyOf}
   */
  copy(): InvariantState {
    const copy = new InvariantState();
    for (const [key, value] of super.entries()) copy.set(key, copyOf(value));
    return copy;
  }

  visit(into: StateVisitor): void {
    for (const [key, value] of super.entries()) {
      into.part(cellOf(into.cells, key));
      into.text(textOf(value));
    }
    into.part(into.cells.of(KEYS));
    for (const key of super.keys()) into.number(into.cells.keyNumber(key));
  }

  /** All values and their order. */
  #readsAll(): void {
    if (accesses === null) return;
    accesses.read(accesses.cells.of(KEYS));
    for (const key of super.keys()) accesses.update(cellOf(accesses.cells, key));
  }

  #writes(key: unknown): void {
    accesses!.write(cellOf(accesses!.cells, key));
    if (!super.has(key)) accesses!.write(accesses!.cells.of(KEYS));
  }
}

/** The cell of which keys there are, and in which order. */
const KEYS = 'invariant keys';

function cellOf(cells: CellTable, key: unknown): number {
  return cells.of(`invariant state ${cells.keyNumber(key)}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * A deep copy. Processes stay the same objects.
 *
 * @throws TypeError for anything but primitive values, processes, arrays, maps, sets and plain objects
 */
export function copyOf(value: unknown): unknown {
  if (!isObject(value)) {
    if (typeof value === 'function') throw notCopied('a function');
    return value;
  }
  if (value instanceof SimProcess) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [copyOf(key), copyOf(each)]));
  if (value instanceof Set) return new Set([...value].map(copyOf));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw notCopied(
      `an object of ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`,
    );
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}

/** The same text for the same value, of all that {@link copyOf} copies. */
function textOf(value: unknown): string {
  if (value instanceof SimProcess) return `process ${value.index}`;
  if (!isObject(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (value instanceof Map) return `map(${[...value].map((each) => each.map(textOf).join(':')).join()})`;
  if (value instanceof Set) return `set(${[...value].map(textOf).join()})`;
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}:${textOf(each)}`)
    .join()}}`;
}

function notCopied(what: string): TypeError {
  return new TypeError(
    `an invariant keeps ${what} in its state: expected primitive values, processes, arrays, maps, sets and plain objects`,
  );
}
