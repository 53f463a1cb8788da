import type { Bytes, FileKind } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import { type Restore, SnapshotCache } from '../base/snapshot.ts';
import { type Fingerprint, StateHasher, type StateVisitor } from '../base/state-hasher.ts';
import type { Caller } from './caller.ts';
import { Inode } from './inode.ts';
import { Journal } from './journal.ts';
import { DEFAULT_PROTECTIONS, type Protections } from './protections.ts';

/**
 * How inodes get their numbers. `reused`: the lowest free number, as on ext4. `unique`: never the same number twice, as on tmpfs.
 * `by-creator`: like `unique`, and independent of what other processes have created.
 */
export type InodeNumbers = 'reused' | 'unique' | 'by-creator';

export interface FileSystemOptions {
  /** The wall clock of the machine. */
  wallMs: () => number;
  /**
   * The resolution of timestamps, in milliseconds. ext4 stores nanoseconds, but from a clock that ticks once per jiffy: 4 ms at
   * HZ=250, 10 ms at HZ=100 (finer since Linux 6.13 for files whose times are read).
   */
  timeGranularityMs?: number;
  /** How many entries one readdir returns; Infinity for all at once. */
  readdirBatch?: number;
  /** Default: `reused`. */
  inodes?: InodeNumbers;
  /** The capacity in bytes of file content. A write writes what fits, and fails with ENOSPC if nothing does. */
  capacityBytes?: number;
  /** As statfs(2) gives it. Default: ext4. */
  filesystemType?: number;
  /** Whether to track what a power cut would leave. Otherwise a power cut leaves everything. */
  durable?: boolean;
  /** Default: as set by systemd. */
  protections?: Protections;
}

/** A fingerprint of the tree, and the version that it is of. */
interface TreeFingerprint {
  readonly version: number;
  readonly fingerprint: Fingerprint;
}

/** The inode numbers of the root and of the first file on ext4. */
const ROOT_INO = 2;
const FIRST_INO = 12;
/** Above all other numbers. */
const CREATED_INO = 1_000_000;
const MOST_CREATED = 1_000_000;
const SETGID = 0o2000;
/** EXT4_SUPER_MAGIC of linux/magic.h. */
const EXT4 = 0xef53;

/** Cells of the volume itself. */
const INODE_NUMBERS = 'inode numbers';
const SPACE = 'disk space';

/** The state of a filesystem: its root, its inode numbers, its clock. The operations are functions on it. */
export class Volume {
  readonly root: Inode;
  readonly journal: Journal | null;
  readonly readdirBatch: number;
  readonly capacityBytes: number;
  readonly protections: Protections;
  readonly filesystemType: number;
  usedBytes = 0;
  readonly versions = new SnapshotCache();
  /** Of the one search to which a machine belongs. */
  #fingerprint: TreeFingerprint | null = null;
  readonly #wallMs: () => number;
  readonly #granularityMs: number;
  readonly #inodes: InodeNumbers;
  #nextIno = FIRST_INO;
  /** In descending order, so that the lowest is popped. */
  #freeInos: number[] = [];

  constructor(options: FileSystemOptions) {
    this.#wallMs = options.wallMs;
    this.#granularityMs = options.timeGranularityMs ?? 1;
    this.#inodes = options.inodes ?? 'reused';
    this.readdirBatch = options.readdirBatch ?? 1;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.filesystemType = options.filesystemType ?? EXT4;
    this.protections = options.protections ?? DEFAULT_PROTECTIONS;
    this.journal = options.durable === true ? new Journal() : null;
    this.root = new Inode(ROOT_INO, 'directory', 0o755, 0, 0, this.now());
  }

  now(): number {
    const granularity = this.#granularityMs;
    return Math.floor(this.#wallMs() / granularity) * granularity;
  }

  /** Creates an inode with one link (a directory: two), for a name in `directory`. */
  create(kind: FileKind, mode: number, caller: Caller, directory: Inode, nowMs: number): Inode {
    this.touch();
    const ino = this.#nextNumber(caller);
    if ((directory.mode & SETGID) === 0) return new Inode(ino, kind, mode, caller.uid, caller.gid, nowMs);
    const inherited = kind === 'directory' ? mode | SETGID : mode;
    return new Inode(ino, kind, inherited, caller.uid, directory.gid, nowMs);
  }

  #nextNumber(caller: Caller): number {
    if (this.#inodes === 'by-creator' && caller.created !== undefined) {
      return CREATED_INO + caller.index! * MOST_CREATED + caller.created++;
    }
    if (accesses !== null) accesses.update(accesses.cells.of(INODE_NUMBERS));
    return this.#freeInos.length > 0 ? this.#freeInos.pop()! : this.#nextIno++;
  }

  creatorOf(ino: number): number | null {
    if (this.#inodes !== 'by-creator' || ino < CREATED_INO) return null;
    return Math.floor((ino - CREATED_INO) / MOST_CREATED);
  }

  /** Called when something may have changed. */
  touch(): void {
    this.versions.touch();
  }

  /** Without open inodes that have no name, which their descriptions save, and without what a power cut would leave. */
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
    this.touch();
    this.#uses(data.length - inode.unloggedLength);
    inode.data = data;
  }

  get freeBytes(): number {
    this.#looksAtSpace();
    return this.capacityBytes - this.usedBytes;
  }

  /** Whether a file may grow to this length. */
  fits(inode: Inode, length: number): boolean {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return true;
    this.#looksAtSpace();
    return this.usedBytes + length - inode.data.length <= this.capacityBytes;
  }

  /** Frees an inode that has neither a name nor an open description. */
  releaseUnused(inode: Inode): void {
    if (!inode.isUnused) return;
    this.touch();
    // The content stays: a power cut may bring the file back.
    this.#uses(-inode.unloggedLength);
    if (this.#inodes !== 'reused') return;
    if (accesses !== null) accesses.update(accesses.cells.of(INODE_NUMBERS));
    const free = this.#freeInos;
    let at = free.length;
    while (at > 0 && free[at - 1]! < inode.ino) at--;
    free.splice(at, 0, inode.ino);
  }

  /** The tree, which numbers the next inodes will have, and the space if it is limited. Unchanged, it is not hashed again. */
  visit(into: StateVisitor): void {
    if (!(into instanceof StateHasher)) {
      this.#visitParts(into);
      return;
    }
    if (this.#fingerprint?.version !== this.versions.now) {
      const parts = into.fresh();
      this.#visitParts(parts);
      this.#fingerprint = { version: this.versions.now, fingerprint: parts.name() };
    }
    into.add(this.#fingerprint.fingerprint);
  }

  #visitParts(into: StateVisitor): void {
    visitTree(this.root, into, new Set());
    into.part(into.cells.of(INODE_NUMBERS));
    into.number(this.#nextIno);
    for (const ino of this.#freeInos) into.number(ino);
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return;
    into.part(into.cells.of(SPACE));
    into.number(this.usedBytes);
  }

  /** Bytes more, or less, that files take. */
  #uses(bytes: number): void {
    if (accesses !== null && this.capacityBytes < Number.POSITIVE_INFINITY)
      accesses.count(accesses.cells.of(SPACE));
    this.usedBytes += bytes;
  }

  #looksAtSpace(): void {
    if (accesses !== null) accesses.read(accesses.cells.of(SPACE));
  }

  /** After a power cut, only these inodes are left. */
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

/** An inode with all below it. @param seen the inodes with several names that were visited already */
function visitTree(inode: Inode, into: StateVisitor, seen: Set<Inode>): void {
  if (inode.kind !== 'directory' && inode.nlink > 1) {
    if (seen.has(inode)) return;
    seen.add(inode);
  }
  inode.visit(into);
  for (const entry of inode.entries.values()) visitTree(entry, into, seen);
}

function saveTree(inode: Inode, into: Restore[]): void {
  into.push(inode.save());
  for (const entry of inode.entries.values()) saveTree(entry, into);
}
