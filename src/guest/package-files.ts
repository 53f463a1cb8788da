/**
 * What a program reads of its own package: its package.json, templates, its folder. These files are on the real disk, not on the simulated
 * machine. So a read of a path in the package that the machine does not have is answered from the disk, as the file was when it was first
 * read. The machine is asked first: what a program has written there is what it reads. Nothing is ever written to the disk.
 */
import { posix } from 'node:path';
import {
  bytesFrom,
  type DirectoryEntry,
  type Immediate,
  type Machine,
  O_ACCMODE,
  type Operation,
  type Pending,
  type Reject,
  type Resolve,
  type Stat,
  SystemError,
} from '../ports/index.ts';
import type { SimProcess } from '../sim/index.ts';
import type { Instance } from './instance.ts';
import { type Entry, entryAt, linkAt, realPath } from './modules/disk.ts';
import { type PackageFolders, packageFoldersOf } from './package-folders.ts';
import { type ProcFile, procFile } from './proc-files.ts';
import { uses } from './uses.ts';

/** Above the descriptors of the machine, below the numbers of accepted requests. */
const FIRST_FD = 2 ** 29;
/** The same on every machine: 2023-11-14. */
const MODIFIED_MS = 1_700_000_000_000;

interface OpenEntry {
  readonly path: string;
  readonly isProc: boolean;
  readonly entry: Entry;
  offset: number;
}

/** The machine, as the `node:fs` of one instance of a program sees it. */
export class PackageFiles implements Machine, Immediate {
  readonly #instance: Instance;
  readonly #simulated: SimProcess;
  /** Those of its package; `null`: the program is a function of a scenario, not a file. */
  #folders: PackageFolders | null = null;
  readonly #open = new Map<number, OpenEntry>();
  /** Folders that the machine has too, by descriptor: what the package adds to their entries. */
  readonly #added = new Map<number, Map<string, DirectoryEntry>>();

  constructor(instance: Instance, simulated: SimProcess) {
    this.#instance = instance;
    this.#simulated = simulated;
  }

  /** From now on, files of this package can be read. @param filename its main module */
  allow(filename: string): void {
    this.#folders = packageFoldersOf(filename);
  }

  get immediate(): Immediate {
    return this;
  }

  execute(process: unknown, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    const proc = this.#procFile(operation);
    if (proc !== null)
      return this.#instance.execute(
        process,
        proc.ask,
        (value) => settle(() => this.#ofProc(proc, operation, value), resolve, reject),
        (error) => reject(missing(error, operation)),
      );
    const open = this.#openOf(operation);
    if (open !== null) {
      const answer = (): void => settle(() => this.#ofOpen(open, operation), resolve, reject);
      // A step, as for any other descriptor.
      return this.#instance.execute(process, { op: 'clock', which: 'monotonic' }, answer, reject);
    }
    if (this.#folders === null) return this.#instance.execute(process, operation, resolve, reject);
    return this.#instance.execute(
      process,
      operation,
      (value) => resolve(this.#merged(operation, value)),
      (error) => settle(() => this.#instead(operation, error), resolve, reject),
    );
  }

  executeNow(process: unknown, operation: Operation): unknown {
    const proc = this.#procFile(operation);
    if (proc !== null) return this.#ofProc(proc, operation, this.#askNow(process, proc, operation));
    const open = this.#openOf(operation);
    if (open !== null) return this.#ofOpen(open, operation);
    if (this.#folders === null) return this.#instance.executeNow(process, operation);
    let value: unknown;
    try {
      value = this.#instance.executeNow(process, operation);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      return this.#instead(operation, error);
    }
    return this.#merged(operation, value);
  }

  preempts = (): boolean => this.#instance.preempts();
  executeApart = (process: unknown, operation: Operation): Pending =>
    this.#instance.executeApart(process, operation);
  crashes = (process: unknown, error: unknown): void => this.#instance.crashes(process, error);
  departs = (process: unknown, message: string): void => this.#instance.departs(process, message);
  readClock = (process: unknown, which: 'wall' | 'monotonic'): number =>
    this.#instance.readClock(process, which);
  randomHex = (process: unknown, bytes: number): string => this.#instance.randomHex(process, bytes);

  /** The path in the package that an operation reads, and what is there. */
  #own(path: string): { path: string; entry: Entry } | null {
    const whole = posix.resolve(this.#simulated.cwd, path);
    const entry = this.#folders?.has(whole) ? entryAt(whole) : null;
    return entry === null ? null : { path: whole, entry };
  }

  /** The answer from the disk. @throws SystemError as the machine has it, if there is none */
  #instead(operation: Operation, error: SystemError): unknown {
    if (error.code !== 'ENOENT' || !('path' in operation)) throw error;
    const own = this.#own(operation.path);
    if (own === null) throw error;
    const { path, entry } = own;
    uses('files of the package');
    switch (operation.op) {
      case 'open':
        if ((operation.flags & O_ACCMODE) !== 0) throw error;
        return this.#opened(path, entry);
      case 'opendir':
        if (entry.kind !== 'directory') throw new SystemError('ENOTDIR', operation);
        return this.#opened(path, entry);
      case 'stat':
        return statOf(path, entry);
      case 'lstat':
        return linkAt(path) === null ? statOf(path, entry) : { ...statOf(path, entry), kind: 'symlink' };
      case 'access':
        return undefined;
      case 'realpath':
        return realPath(path);
      case 'readlink': {
        const target = linkAt(path);
        if (target === null) throw new SystemError('EINVAL', operation);
        return target;
      }
      default:
        throw error;
    }
  }

  #procFile(operation: Operation): ProcFile | null {
    if (!('path' in operation) || !this.#mayBeProc(operation.path)) return null;
    return procFile(posix.resolve(this.#simulated.cwd, operation.path), this.#simulated);
  }

  #mayBeProc(path: string): boolean {
    return path.startsWith('/proc') || (this.#simulated.cwd.startsWith('/proc') && !path.startsWith('/'));
  }

  #askNow(process: unknown, { ask }: ProcFile, operation: Operation): unknown {
    try {
      return this.#instance.executeNow(process, ask);
    } catch (error) {
      throw error instanceof SystemError ? missing(error, operation) : error;
    }
  }

  /** @throws SystemError for everything that changes files: they are read-only */
  #ofProc(proc: ProcFile, operation: Operation, value: unknown): unknown {
    const { path } = proc;
    const entry = proc.entryOf(value);
    switch (operation.op) {
      case 'open':
        if ((operation.flags & O_ACCMODE) !== 0) throw new SystemError('EACCES', operation);
        return this.#opened(path, entry, true);
      case 'opendir':
        if (entry.kind !== 'directory') throw new SystemError('ENOTDIR', operation);
        return this.#opened(path, entry, true);
      case 'stat':
      case 'lstat':
        return procStat(path, entry);
      case 'access':
        if ((operation.mode & 2) !== 0) throw new SystemError('EACCES', operation);
        return undefined;
      case 'realpath':
        return path.replace(/^\/proc\/self/, `/proc/${this.#simulated.pid}`);
      case 'readlink':
        if (path !== '/proc/self') throw new SystemError('EINVAL', operation);
        return String(this.#simulated.pid);
      default:
        throw new SystemError('EACCES', operation);
    }
  }

  #opened(path: string, entry: Entry, isProc = false): number {
    let fd = FIRST_FD;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, { path, isProc, entry, offset: 0 });
    return fd;
  }

  #openOf(operation: Operation): OpenEntry | null {
    return 'fd' in operation ? (this.#open.get(operation.fd) ?? null) : null;
  }

  #ofOpen(open: OpenEntry, operation: Operation): unknown {
    const { path, entry, offset } = open;
    switch (operation.op) {
      case 'close':
        this.#open.delete(operation.fd);
        return undefined;
      case 'fstat':
        return open.isProc ? procStat(path, entry) : statOf(path, entry);
      case 'read': {
        if (entry.kind === 'directory') throw new SystemError('EISDIR', operation);
        const from = operation.position ?? offset;
        const data = entry.data.subarray(from, from + operation.length);
        if (operation.position === null) open.offset += data.length;
        return bytesFrom(data);
      }
      case 'readdir': {
        if (entry.kind !== 'directory') throw new SystemError('ENOTDIR', operation);
        open.offset = entry.entries.length;
        const { prefix = '' } = operation;
        return entry.entries
          .slice(offset)
          .filter(({ name }) => name.startsWith(prefix))
          .filter(({ name }) => open.isProc || this.#folders?.has(posix.join(path, name)));
      }
      default:
        throw new SystemError('EBADF', operation);
    }
  }

  /** A folder that the machine has too: its entries, and then those of the package. */
  #merged(operation: Operation, value: unknown): unknown {
    if (operation.op === 'opendir') {
      const own = this.#own(operation.path);
      if (own?.entry.kind !== 'directory') return value;
      const shown = own.entry.entries.filter(({ name }) => this.#folders?.has(posix.join(own.path, name)));
      this.#added.set(value as number, new Map(shown.map((each) => [each.name, each])));
    } else if (operation.op === 'close') this.#added.delete(operation.fd);
    else if (operation.op === 'readdir') {
      const added = this.#added.get(operation.fd);
      if (added === undefined) return value;
      const list = value as readonly DirectoryEntry[];
      for (const { name } of list) added.delete(name);
      if (list.length > 0) return value;
      this.#added.delete(operation.fd);
      const { prefix = '' } = operation;
      return [...added.values()].filter(({ name }) => name.startsWith(prefix));
    }
    return value;
  }
}

function statOf(path: string, entry: Entry): Stat {
  const isFile = entry.kind === 'file';
  return {
    kind: entry.kind,
    ino: inodeOf(path),
    nlink: 1,
    uid: 0,
    gid: 0,
    mode: isFile ? 0o644 : 0o755,
    size: isFile ? entry.data.length : 4096,
    atimeMs: MODIFIED_MS,
    mtimeMs: MODIFIED_MS,
    ctimeMs: MODIFIED_MS,
  };
}

/** As Linux shows it: without a size, so that it is read until there is no more. */
function procStat(path: string, entry: Entry): Stat {
  const { kind } = entry;
  return { ...statOf(path, entry), mode: kind === 'file' ? 0o444 : 0o555, size: 0 };
}

/** There is no file of a process that does not exist. */
function missing(error: SystemError, operation: Operation): SystemError {
  return new SystemError(error.code === 'ESRCH' ? 'ENOENT' : error.code, operation);
}

/** Different for each path, and above those of the machine. */
function inodeOf(path: string): number {
  let hash = 0;
  for (let at = 0; at < path.length; at++) hash = (Math.imul(hash, 31) + path.charCodeAt(at)) >>> 0;
  return 2 ** 40 + hash;
}

function settle(answer: () => unknown, resolve: Resolve, reject: Reject): void {
  let value: unknown;
  try {
    value = answer();
  } catch (error) {
    reject(error as SystemError);
    return;
  }
  resolve(value);
}
