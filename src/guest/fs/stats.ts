import type { DirectoryEntry, FileKind, Stat } from '../../ports/index.ts';
import { CONSTANTS } from './constants.ts';

const TYPE_BITS: Readonly<Record<FileKind, number>> = {
  file: CONSTANTS.S_IFREG,
  directory: CONSTANTS.S_IFDIR,
  symlink: CONSTANTS.S_IFLNK,
  socket: CONSTANTS.S_IFSOCK,
  fifo: CONSTANTS.S_IFIFO,
  'character-device': CONSTANTS.S_IFCHR,
};

/** `isFile()` and the like. */
abstract class Kind {
  protected abstract kindOf(): FileKind;
  isFile(): boolean {
    return this.kindOf() === 'file';
  }
  isDirectory(): boolean {
    return this.kindOf() === 'directory';
  }
  isSymbolicLink(): boolean {
    return this.kindOf() === 'symlink';
  }
  isSocket(): boolean {
    return this.kindOf() === 'socket';
  }
  isFIFO(): boolean {
    return this.kindOf() === 'fifo';
  }
  isCharacterDevice(): boolean {
    return this.kindOf() === 'character-device';
  }
  isBlockDevice(): boolean {
    return false;
  }
}

/** Dates are created on access, as in Node 22 and later. The machine has no birth time: it is the ctime. */
export class Stats extends Kind {
  readonly dev: number = 1;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number = 0;
  readonly blksize: number = 4096;
  readonly ino: number;
  readonly size: number;
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;

  constructor(stat: Stat) {
    super();
    this.mode = stat.mode | TYPE_BITS[stat.kind];
    this.nlink = stat.nlink;
    this.uid = stat.uid;
    this.gid = stat.gid;
    this.ino = stat.ino;
    this.size = stat.size;
    this.blocks = Math.ceil(stat.size / 512);
    this.atimeMs = stat.atimeMs;
    this.mtimeMs = stat.mtimeMs;
    this.ctimeMs = stat.ctimeMs;
    this.birthtimeMs = stat.ctimeMs;
  }

  get atime(): Date {
    return dateOf(this.atimeMs);
  }
  get mtime(): Date {
    return dateOf(this.mtimeMs);
  }
  get ctime(): Date {
    return dateOf(this.ctimeMs);
  }
  get birthtime(): Date {
    return dateOf(this.birthtimeMs);
  }

  protected kindOf(): FileKind {
    return kindOfMode(this.mode);
  }
}

/** The result with the option `bigint`. */
export class BigIntStats extends Kind {
  readonly [name: string]: unknown;

  constructor(stat: Stat) {
    super();
    const stats = new Stats(stat);
    for (const [name, value] of Object.entries(stats)) define(this, name, BigInt(Math.trunc(value)));
    for (const time of ['atime', 'mtime', 'ctime', 'birthtime'] as const) {
      define(this, `${time}Ns`, BigInt(Math.round(stats[`${time}Ms`] * 1e6)));
      define(this, time, stats[time]);
    }
  }

  protected kindOf(): FileKind {
    return kindOfMode(Number(this.mode));
  }
}

export class Dirent extends Kind {
  readonly name: string | Buffer;
  readonly parentPath: string;
  readonly path: string;
  readonly #kind: FileKind;

  constructor({ kind }: DirectoryEntry, name: string | Buffer, parentPath: string) {
    super();
    this.name = name;
    this.parentPath = parentPath;
    this.path = parentPath;
    this.#kind = kind;
  }

  protected kindOf(): FileKind {
    return this.#kind;
  }
}

function kindOfMode(mode: number): FileKind {
  switch (mode & CONSTANTS.S_IFMT) {
    case CONSTANTS.S_IFDIR:
      return 'directory';
    case CONSTANTS.S_IFLNK:
      return 'symlink';
    case CONSTANTS.S_IFSOCK:
      return 'socket';
    case CONSTANTS.S_IFIFO:
      return 'fifo';
    case CONSTANTS.S_IFCHR:
      return 'character-device';
    default:
      return 'file';
  }
}

function dateOf(ms: number): Date {
  return new Date(Math.round(ms));
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}
