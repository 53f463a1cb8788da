/** What several processes have open together: it is a part of none of them. */
import type { StateVisitor } from '../base/state-hasher.ts';
import { type Description, SHARED_DESCRIPTIONS } from '../vfs/index.ts';

interface Visited {
  visit(into: StateVisitor): void;
}

/** The open file descriptions that several descriptors share, or have shared: no process's own. */
export class SharedDescriptions {
  readonly #holders = new Map<Description, string[]>();
  readonly #nameless = new Set<Visited>();

  add(description: Description, process: number, fd: number): void {
    const holders = this.#holders.get(description);
    if (holders === undefined) this.#holders.set(description, [`${process}.${fd}`]);
    else holders.push(`${process}.${fd}`);
  }

  /** An inode without a name, which several descriptions may have open. */
  visitOnce(inode: Visited, into: StateVisitor): void {
    if (this.#nameless.has(inode)) return;
    this.#nameless.add(inode);
    inode.visit(into);
  }

  visit(into: StateVisitor): void {
    for (const [description, holders] of this.#holders) {
      into.part(into.cells.of(SHARED_DESCRIPTIONS));
      for (const holder of holders) into.text(holder);
      description.visit(into);
    }
  }
}
