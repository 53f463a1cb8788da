import type { Scenario } from '../check/index.ts';
import { OPEN, type Stat } from '../ports/index.ts';
import type { FaultName, Restore } from '../sim/index.ts';
import {
  DirectoryDescription,
  FileDescription,
  isErrno,
  isListener,
  type ParkedOperation,
  type SimMachine,
  type SimProcess,
} from '../sim/index.ts';

/**
 * What a search may take for granted until an operation shows otherwise: then it begins anew without. Each is true of nearly
 * every program, and none can be known beforehand.
 */
export interface Assumptions {
  /** No directory is removed, renamed, replaced by a link, or made inaccessible. */
  directoriesStay: boolean;
  /** Nobody writes to a file that somebody else has read. */
  contentsStay: boolean;
  /** Nobody opens or looks at a file that another process has created and not yet published under a second name. */
  draftsPrivate: boolean;
}

/**
 * Tells operations that commute with all that others can do: whether they happen now or later makes no difference, so they
 * happen at once. (A persistent set of one, in the words of partial-order reduction.) That their process, once it has the
 * result, marks something or begins to wait can be seen, however: then the search takes it back.
 *
 * `silent`: nothing that strikes makes a difference either. `private`: a fault right before it does, for what is left on
 * the disk; so faults may strike first, but nobody else goes on.
 */
export type Independence = 'silent' | 'private' | null;

const IN_WORDS: Readonly<Record<keyof Assumptions, string>> = {
  directoriesStay: 'no directory is removed or replaced',
  contentsStay: 'nobody writes to a file that somebody else has read',
  draftsPrivate: 'nobody opens a file of another that has not been published',
};

/**
 * These change neither directories nor what a file holds, and make no operation fail on what is open or on a directory. A
 * file that vanishes loses its name: who has it open reads and writes it as before.
 */
const HARMLESS: readonly FaultName[] = ['kill', 'stop', 'pid-reuse', 'parent-death', 'lose-state'];

export class Independent {
  readonly assumptions: Assumptions;
  readonly #syncs: boolean;
  readonly #closes: boolean;
  /** Time passes only when nobody can go on. */
  readonly #timeStands: boolean;
  /** What a machine is called does not change. */
  readonly #nameStays: boolean;

  constructor({ faults, machine }: Scenario) {
    const harmless = Object.keys(faults).every((name) => HARMLESS.includes(name as FaultName));
    this.#syncs = harmless && machine.durable !== true;
    // The number of an inode that nobody has open any more may be free for the next file.
    this.#closes = machine.inodes === 'by-creator';
    this.#timeStands = machine.operationUs === 0 && machine.busyMs === 0 && faults.stop === undefined;
    this.#nameStays = faults['host-name'] === undefined;
    this.assumptions = { directoriesStay: harmless, contentsStay: harmless, draftsPrivate: harmless };
  }

  /** The assumptions that still stand, in words. */
  describe(): string[] {
    const names = Object.keys(this.assumptions) as (keyof Assumptions)[];
    return names.filter((name) => this.assumptions[name]).map((name) => IN_WORDS[name]);
  }

  of(machine: SimMachine, { process, operation, ordinal }: ParkedOperation): Independence {
    const { directoriesStay, contentsStay } = this.assumptions;
    switch (operation.op) {
      case 'self':
        // The first operation is the start of the program. Else: whose parent may end may see another one.
        return ordinal === 0 || (this.#nameStays && process.parent === null) ? 'silent' : null;
      case 'processInfo':
        return operation.pid === process.pid && process.parent === null ? 'silent' : null;
      case 'random':
        return 'silent';
      case 'clock':
        return this.#timeStands ? 'silent' : null;
      case 'fsync':
        return this.#syncs ? 'silent' : null;
      case 'close': {
        const description = process.fds.get(operation.fd);
        return this.#closes && description !== undefined && !isListener(description) ? 'silent' : null;
      }
      case 'opendir':
      case 'realpath':
      case 'open':
        return directoriesStay && isDirectory(machine, process, operation.path) ? 'silent' : null;
      case 'readdir': {
        // The first step has read it whole.
        const description = process.fds.get(operation.fd);
        return description instanceof DirectoryDescription && description.isRead ? 'silent' : null;
      }
      case 'read': {
        const file = process.fds.get(operation.fd);
        return contentsStay && file instanceof FileDescription && file.refs === 1 ? 'silent' : null;
      }
      case 'write':
      case 'ftruncate':
        return this.#isDraft(machine, process, operation.fd) ? 'private' : null;
      default:
        return null;
    }
  }

  #isDraft(machine: SimMachine, process: SimProcess, fd: number): boolean {
    const file = process.fds.get(fd);
    if (!this.assumptions.draftsPrivate || !this.#timeStands || !(file instanceof FileDescription))
      return false;
    const { inode } = file;
    return inode.nlink === 1 && inode.opens === 1 && machine.fs.creatorOf(inode.ino) === process.index;
  }
}

/** What one run has done, as far as it may contradict the assumptions. */
export class Witness {
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
  }

  save(): Restore {
    const readers = this.#readers;
    const published = this.#published;
    return () => {
      this.#readers = readers;
      this.#published = published;
    };
  }

  /** After an operation that has not failed. */
  saw({ process, operation }: ParkedOperation, result: unknown): void {
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
      case 'access':
        this.#looksAt(process, operation.path);
        return;
      default:
    }
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

  #giveUp(name: keyof Assumptions): void {
    if (!this.#assumptions[name]) return;
    this.#assumptions[name] = false;
    this.contradicted = true;
  }
}

/** In place of a process's number. */
const SEVERAL = -1;

function inodeOf(process: SimProcess, fd: number): number | null {
  const file = process.fds.get(fd);
  return file instanceof FileDescription ? file.inode.ino : null;
}

function isDirectory(machine: SimMachine, process: SimProcess, path: string): boolean {
  return lookAt(machine, process, path)?.kind === 'directory';
}

function lookAt(machine: SimMachine, process: SimProcess, path: string): Stat | null {
  const found = machine.fs.stat(process, path);
  return isErrno(found) ? null : found;
}
