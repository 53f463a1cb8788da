/** The names in a directory. Logs who looks for which name, who lists them, and who changes them. */

import type { FileKind } from '../../ports/index.ts';
import { accesses, type Cell, type CellTable, type RecordCells } from '../base/accesses.ts';
import type { StateVisitor } from '../base/state-hasher.ts';

/** What a name stands for: an inode. */
interface Entry {
  readonly ino: number;
  readonly kind: FileKind;
}

/** Names to inodes, in order of insertion. */
export class DirectoryEntries<Inode extends Entry> extends Map<string, Inode> {
  readonly #cells: RecordCells;

  /** @param cells of the directory's inode */
  constructor(cells: RecordCells) {
    super();
    this.#cells = cells;
  }

  /** Whether there is a name, and what it stands for. */
  nameCell(cells: CellTable, name: string): Cell {
    return this.#cells.named(cells, `name ${name}`);
  }

  /** All names and their order. */
  listCell(cells: CellTable): Cell {
    return this.#cells.named(cells, 'names');
  }

  /** All names with a prefix, and their order. */
  prefixCell(cells: CellTable, prefix: string): Cell {
    return this.#cells.named(cells, `names from ${prefix}`);
  }

  override get(name: string): Inode | undefined {
    if (accesses !== null) accesses.read(this.nameCell(accesses.cells, name));
    return super.get(name);
  }

  override has(name: string): boolean {
    if (accesses !== null) accesses.read(this.nameCell(accesses.cells, name));
    return super.has(name);
  }

  override set(name: string, inode: Inode): this {
    if (accesses !== null) this.#changes(name);
    return super.set(name, inode);
  }

  override delete(name: string): boolean {
    if (accesses !== null) this.#changes(name);
    return super.delete(name);
  }

  override clear(): void {
    if (accesses !== null) for (const name of super.keys()) this.#changes(name);
    super.clear();
  }

  override get size(): number {
    this.readsAll();
    return super.size;
  }

  override entries(): MapIterator<[string, Inode]> {
    this.readsAll();
    return super.entries();
  }

  override keys(): MapIterator<string> {
    this.readsAll();
    return super.keys();
  }

  override values(): MapIterator<Inode> {
    this.readsAll();
    return super.values();
  }

  override [Symbol.iterator](): MapIterator<[string, Inode]> {
    return this.entries();
  }

  override forEach(visit: (inode: Inode, name: string, map: Map<string, Inode>) => void): void {
    this.readsAll();
    super.forEach(visit);
  }

  /** Those whose names begin with a prefix. */
  startingWith(prefix: string): [string, Inode][] {
    if (prefix === '') return [...this.entries()];
    if (accesses !== null) {
      accesses.cells.prefixes.add(prefix);
      accesses.read(this.prefixCell(accesses.cells, prefix));
    }
    return [...super.entries()].filter(([name]) => name.startsWith(prefix));
  }

  /** Each name, and their order. */
  visit(into: StateVisitor): void {
    const { cells } = into;
    for (const [name, { ino, kind }] of super.entries()) {
      into.part(this.nameCell(cells, name));
      into.number(ino);
      into.text(kind);
    }
    into.part(this.listCell(cells));
    for (const name of super.keys()) into.text(name);
    if (!into.isExact) return;
    for (const prefix of cells.prefixes) {
      into.part(this.prefixCell(cells, prefix));
      for (const name of super.keys()) if (name.startsWith(prefix)) into.text(name);
    }
  }

  /** All names are read, and their order. */
  readsAll(): void {
    if (accesses !== null) accesses.read(this.listCell(accesses.cells));
  }

  #changes(name: string): void {
    const { cells } = accesses!;
    accesses!.write(this.nameCell(cells, name));
    accesses!.write(this.listCell(cells));
    for (const prefix of cells.prefixes) {
      if (name.startsWith(prefix)) accesses!.write(this.prefixCell(cells, prefix));
    }
  }
}
