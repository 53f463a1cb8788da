import type { Bytes, FileKind } from '../../ports/index.ts';
import type { Fingerprint, StateHasher } from '../kernel/digest.ts';
import { type Restore, SnapshotCache } from '../kernel/snapshot.ts';
import type { Caller } from './caller.ts';
import { digestTree } from './digest.ts';
import { Inode } from './inode.ts';
import { Journal } from './journal.ts';
import { DEFAULT_PROTECTIONS, type Protections } from './protections.ts';

/**
 * How inodes get their numbers. `reused`: the lowest that is free, as on ext4. `unique`: never one twice, as on tmpfs.
 * `by-creator`: nor does a number depend on what other processes have created before.
 */
export type InodeNumbers = 'reused' | 'unique' | 'by-creator';

export interface FileSystemOptions {
  /** The machine's wall clock. */
  wallMs: () => number;
  /**
   * Times that the filesystem sets are floored to a multiple of this. ext4 stores nanoseconds, but takes them from a
   * clock that ticks once a jiffy: 4 at HZ=250, 10 at HZ=100 (since Linux 6.13 finer for files whose times are read).
   */
  timeGranularityMs?: number;
  /** How many entries one readdir gives. Infinity: all that are there, and no more afterwards. */
  readdirBatch?: number;
  /** `reused` unless said. */
  inodes?: InodeNumbers;
  /** Bytes of file content. A write writes what fits; if nothing does, it is ENOSPC. */
  capacityBytes?: number;
  /** Keep track of what a power cut would leave. Without it a power cut leaves everything. */
  durable?: boolean;
  /** What the machine's administrator set; default as systemd does. */
  protections?: Protections;
}

/** A name for a tree, and what its sockets stand for. */
interface Told {
  readonly version: number;
  readonly name: Fingerprint;
  readonly sockets: readonly object[];
}

/** ext4's numbers of the root and of the first file. */
const ROOT_INO = 2;
const FIRST_INO = 12;
/** Above all others. */
const CREATED_INO = 1_000_000;
const MOST_CREATED = 1_000_000;
const SETGID = 0o2000;

/** The state of a filesystem: its root, its inode numbers, its clock. The operations are functions on it. */
export class Volume {
  readonly root: Inode;
  readonly journal: Journal | null;
  readonly readdirBatch: number;
  readonly capacityBytes: number;
  readonly protections: Protections;
  usedBytes = 0;
  readonly versions = new SnapshotCache();
  /** Of the one search to which a machine belongs. */
  #told: Told | null = null;
  readonly #wallMs: () => number;
  readonly #granularityMs: number;
  readonly #inodes: InodeNumbers;
  #nextIno = FIRST_INO;
  /** Descending: the lowest is popped. */
  #freeInos: number[] = [];

  constructor(options: FileSystemOptions) {
    this.#wallMs = options.wallMs;
    this.#granularityMs = options.timeGranularityMs ?? 1;
    this.#inodes = options.inodes ?? 'reused';
    this.readdirBatch = options.readdirBatch ?? 1;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.protections = options.protections ?? DEFAULT_PROTECTIONS;
    this.journal = options.durable === true ? new Journal() : null;
    this.root = new Inode(ROOT_INO, 'directory', 0o755, 0, 0, this.now());
  }

  now(): number {
    const granularity = this.#granularityMs;
    return Math.floor(this.#wallMs() / granularity) * granularity;
  }

  /** A new inode with one link (a directory: two), for a name in `directory`. */
  create(kind: FileKind, mode: number, caller: Caller, directory: Inode, nowMs: number): Inode {
    const ino = this.#nextNumber(caller);
    if ((directory.mode & SETGID) === 0) return new Inode(ino, kind, mode, caller.uid, caller.gid, nowMs);
    const inherited = kind === 'directory' ? mode | SETGID : mode;
    return new Inode(ino, kind, inherited, caller.uid, directory.gid, nowMs);
  }

  #nextNumber(caller: Caller): number {
    if (this.#inodes === 'by-creator' && caller.created !== undefined) {
      return CREATED_INO + caller.index! * MOST_CREATED + caller.created++;
    }
    return this.#freeInos.length > 0 ? this.#freeInos.pop()! : this.#nextIno++;
  }

  creatorOf(ino: number): number | null {
    if (this.#inodes !== 'by-creator' || ino < CREATED_INO) return null;
    return Math.floor((ino - CREATED_INO) / MOST_CREATED);
  }

  /** Something may change. */
  touch(): void {
    this.versions.touch();
  }

  /** What is open and has no name any more is its descriptions' to save. What a power cut would leave is not saved. */
  save(): Restore {
    return this.versions.save(() => {
      const { usedBytes } = this;
      const nextIno = this.#nextIno;
      const freeInos = this.#freeInos.slice();
      const inodes: Restore[] = [];
      saveTree(this.root, inodes);
      return () => {
        this.usedBytes = usedBytes;
        this.#nextIno = nextIno;
        this.#freeInos = freeInos.slice();
        for (const restore of inodes) restore();
      };
    });
  }

  setData(inode: Inode, data: Bytes): void {
    this.usedBytes += data.length - inode.data.length;
    inode.data = data;
  }

  get freeBytes(): number {
    return this.capacityBytes - this.usedBytes;
  }

  /** Whether a file may become this long. */
  fits(inode: Inode, length: number): boolean {
    return this.usedBytes + length - inode.data.length <= this.capacityBytes;
  }

  /** Frees an inode that has neither a name nor an open description. */
  releaseUnused(inode: Inode): void {
    if (inode.nlink > 0 || inode.opens > 0) return;
    this.touch();
    // The content stays: a power cut may bring the file back.
    this.usedBytes -= inode.data.length;
    if (this.#inodes !== 'reused') return;
    const free = this.#freeInos;
    let at = free.length;
    while (at > 0 && free[at - 1]! < inode.ino) at--;
    free.splice(at, 0, inode.ino);
  }

  /** Tells the tree, and which numbers the next inodes will bear. Nothing is told twice as long as nothing has changed. */
  digest(digest: StateHasher): Told {
    if (this.#told?.version !== this.versions.now) {
      const own = digest.fresh();
      const sockets: object[] = [];
      digestTree(this.root, own, sockets);
      own.number(this.#nextIno);
      for (const ino of this.#freeInos) own.number(ino);
      this.#told = { version: this.versions.now, name: own.name(), sockets };
    }
    digest.named(this.#told.name);
    return this.#told;
  }

  /** After a power cut: only these inodes are left. */
  restart(inodes: ReadonlySet<Inode>): void {
    this.touch();
    this.usedBytes = 0;
    this.#freeInos = [];
    const taken = new Set<number>();
    for (const inode of inodes) {
      taken.add(inode.ino);
      this.usedBytes += inode.data.length;
    }
    if (this.#inodes !== 'reused') return;
    for (let ino = this.#nextIno - 1; ino >= FIRST_INO; ino--) if (!taken.has(ino)) this.#freeInos.push(ino);
  }
}

function saveTree(inode: Inode, into: Restore[]): void {
  into.push(inode.save());
  for (const entry of inode.entries.values()) saveTree(entry, into);
}
