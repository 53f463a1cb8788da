import { OPEN, type Operation, type Stat } from '../ports/index.ts';
import {
  DirectoryDescription,
  FileDescription,
  isErrno,
  type ParkedOperation,
  type Restore,
  type SimMachine,
  type SimProcess,
} from '../sim/index.ts';
import type { Assumption, Assumptions } from './assumptions.ts';
import { Paths, pathsOf, plainPath, SEVERAL } from './paths.ts';

/** What one run has done, as far as it may contradict the assumptions. */
export class Witness {
  readonly paths: Paths;
  /** Both are replaced, not changed. */
  #readers: ReadonlyMap<number, number> = new Map();
  #published: ReadonlySet<number> = new Set();
  readonly #machine: SimMachine;
  readonly #assumptions: Assumptions;
  /** An assumption was wrong, and has been given up. */
  contradicted = false;

  constructor(machine: SimMachine, assumptions: Assumptions) {
    this.#machine = machine;
    this.#assumptions = assumptions;
    this.paths = new Paths(assumptions.shared);
  }

  save(): Restore {
    const readers = this.#readers;
    const published = this.#published;
    const restorePaths = this.paths.save();
    return () => {
      restorePaths();
      this.#readers = readers;
      this.#published = published;
    };
  }

  /** After an operation. */
  saw({ process, operation }: ParkedOperation, result: unknown): void {
    if (this.#assumptions.pathsPlain) this.#names(process, operation);
    if (!isErrno(result)) this.#did(process, operation, result);
  }

  /** Invariants have looked at files. */
  watched(): void {
    this.#giveUp('filesUnwatched');
  }

  #did(process: SimProcess, operation: Operation, result: unknown): void {
    switch (operation.op) {
      case 'rmdir':
        this.#giveUp('directoriesStay');
        return;
      case 'chmod':
      case 'chown':
        this.#changes(process, operation.path);
        return;
      case 'rename':
        this.#changes(process, operation.to);
        this.#publishes(process, operation.to);
        return;
      case 'symlink':
        this.#giveUp('pathsPlain');
        return;
      case 'link':
        this.#publishes(process, operation.to);
        return;
      case 'read':
        this.#reads(process, operation.fd);
        return;
      case 'write':
      case 'ftruncate':
        this.#writes(process, operation.fd);
        return;
      case 'open':
        this.#opens(process, result as number, operation.flags);
        return;
      case 'stat':
      case 'lstat':
        this.#counts(process, result as Stat);
        this.#looksAt(process, operation.path);
        return;
      case 'fstat':
        this.#counts(process, result as Stat);
        return;
      case 'access':
        this.#looksAt(process, operation.path);
        return;
      default:
    }
  }

  /** Also what has failed: that nothing is there can be seen too. */
  #names(process: SimProcess, operation: Operation): void {
    const { shared } = this.#assumptions;
    const before = shared.size;
    for (const named of pathsOf(operation)) {
      const path = plainPath(process, named);
      if (path === null) {
        this.#giveUp('pathsPlain');
        return;
      }
      this.paths.looks(process, path);
      if (operation.op === 'open' && (operation.flags & OPEN.O_CREAT) !== 0)
        this.paths.creates(process, path);
    }
    if (operation.op === 'readdir') this.#lists(process, operation);
    if (shared.size > before) this.contradicted = true;
  }

  #lists(process: SimProcess, { fd, prefix = '' }: Operation<'readdir'>): void {
    const description = process.fds.get(fd);
    if (!(description instanceof DirectoryDescription)) return;
    const directory = plainPath(process, description.path);
    if (directory === null) this.#giveUp('pathsPlain');
    else this.paths.lists(directory, prefix);
  }

  /** How many names a file has is among what it tells of it. */
  #counts(process: SimProcess, { ino, kind }: Stat): void {
    if (kind === 'directory') return;
    const creator = this.#machine.fs.creatorOf(ino);
    if (creator !== null && creator !== process.index) this.#giveUp('linksUncounted');
  }

  #reads(process: SimProcess, fd: number): void {
    const ino = inodeOf(process, fd);
    if (ino === null) return;
    const reader = this.#readers.get(ino);
    // Of several readers any writer is another.
    const now = reader === undefined || reader === process.index ? process.index : SEVERAL;
    if (now !== reader) this.#readers = new Map(this.#readers).set(ino, now);
    this.#meetsDraft(process, ino);
  }

  #writes(process: SimProcess, fd: number): void {
    const ino = inodeOf(process, fd);
    if (ino === null) return;
    const reader = this.#readers.get(ino);
    if (reader !== undefined && reader !== process.index) this.#giveUp('contentsStay');
    this.#meetsDraft(process, ino);
  }

  #opens(process: SimProcess, fd: number, flags: number): void {
    const ino = inodeOf(process, fd);
    if (ino === null) return;
    this.#meetsDraft(process, ino);
    if ((flags & OPEN.O_TRUNC) !== 0) this.#writes(process, fd);
  }

  #looksAt(process: SimProcess, path: string): void {
    const found = lookAt(this.#machine, process, path);
    if (found?.kind === 'file') this.#meetsDraft(process, found.ino);
  }

  #changes(process: SimProcess, path: string): void {
    if (lookAt(this.#machine, process, path)?.kind === 'directory') this.#giveUp('directoriesStay');
  }

  #publishes(process: SimProcess, path: string): void {
    const found = lookAt(this.#machine, process, path);
    if (found?.kind !== 'file') return;
    this.#meetsDraft(process, found.ino);
    if (!this.#published.has(found.ino)) this.#published = new Set(this.#published).add(found.ino);
  }

  /** Published, it bears another name, under which others may find it. */
  #meetsDraft(process: SimProcess, ino: number): void {
    const creator = this.#machine.fs.creatorOf(ino);
    if (creator === null || creator === process.index || this.#published.has(ino)) return;
    this.#giveUp('draftsPrivate');
  }

  #giveUp(name: Assumption): void {
    if (!this.#assumptions[name]) return;
    this.#assumptions[name] = false;
    this.contradicted = true;
  }
}

function inodeOf(process: SimProcess, fd: number): number | null {
  const file = process.fds.get(fd);
  return file instanceof FileDescription ? file.inode.ino : null;
}

export function lookAt(machine: SimMachine, process: SimProcess, path: string): Stat | null {
  const found = machine.fs.stat(process, path);
  return isErrno(found) ? null : found;
}
