import type { Operation } from '../ports/index.ts';
import type { Restore, SimProcess } from '../sim/index.ts';

/** In place of a process's number. */
export const SEVERAL = -1;

interface Listing {
  readonly directory: string;
  readonly prefix: string;
}

/** Who has looked at which paths in a run, whether or not anything was there, and who has created files at which. */
export class Paths {
  // All are replaced, not changed.
  #looked: ReadonlyMap<string, number> = new Map();
  #created: ReadonlyMap<string, number> = new Map();
  #listings: readonly Listing[] = [];
  readonly #shared: Set<string>;

  /** @param shared takes the paths that turn out to be looked at by others than their creator */
  constructor(shared: Set<string>) {
    this.#shared = shared;
  }

  save(): Restore {
    const looked = this.#looked;
    const created = this.#created;
    const listings = this.#listings;
    return () => {
      this.#looked = looked;
      this.#created = created;
      this.#listings = listings;
    };
  }

  /** Whether nobody else will look at a file that a process creates there, as far as is known. */
  mayCreate(process: SimProcess, path: string): boolean {
    return !this.#shared.has(path) && (this.#created.get(path) ?? process.index) === process.index;
  }

  /** Whether it is a path at which the process has created a file, and no other. */
  isOwn(process: SimProcess, path: string): boolean {
    return !this.#shared.has(path) && this.#created.get(path) === process.index;
  }

  looks({ index }: SimProcess, path: string): void {
    for (const [created, by] of this.#created) {
      if (by !== index && isAtOrBelow(path, created)) this.#shared.add(created);
    }
    const before = this.#looked.get(path);
    if (before === index || before === SEVERAL) return;
    this.#looked = new Map(this.#looked).set(path, before === undefined ? index : SEVERAL);
  }

  creates({ index }: SimProcess, path: string): void {
    for (const [looked, by] of this.#looked) {
      if (by !== index && isAtOrBelow(looked, path)) this.#shared.add(path);
    }
    for (const listing of this.#listings) {
      if (isListed(path, listing)) this.#shared.add(path);
    }
    if (!this.#created.has(path)) this.#created = new Map(this.#created).set(path, index);
  }

  /** Whoever lists: among the names of others, the place of its own tells when it was made. */
  lists(directory: string, prefix: string): void {
    const listing = { directory, prefix };
    for (const created of this.#created.keys()) if (isListed(created, listing)) this.#shared.add(created);
    const isKnown = this.#listings.some((known) => known.directory === directory && known.prefix === prefix);
    if (!isKnown) this.#listings = [...this.#listings, listing];
  }
}

/** The paths that an operation names. */
export function pathsOf(operation: Operation): readonly string[] {
  switch (operation.op) {
    case 'link':
    case 'rename':
      return [operation.from, operation.to];
    case 'listen':
    case 'connect':
    case 'request':
      return operation.address.kind === 'unix' ? [operation.address.path] : [];
    default:
      return 'path' in operation && typeof operation.path === 'string' ? [operation.path] : [];
  }
}

/** Names that are not empty, `.` or `..`. */
const PLAIN = /^(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+$/;

/** From the root. Null: it leads through `.`, `..` or the like. */
export function plainPath({ cwd }: SimProcess, path: string): string | null {
  const whole = path.startsWith('/') ? path : `${cwd}/${path}`;
  return whole === '/' || PLAIN.test(whole) ? whole : null;
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function isAtOrBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && (path.length === ancestor.length || path[ancestor.length] === '/');
}

function isListed(path: string, { directory, prefix }: Listing): boolean {
  return parentOf(path) === directory && path.slice(path.lastIndexOf('/') + 1).startsWith(prefix);
}
