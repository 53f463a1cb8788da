import type { Restore } from '../kernel/snapshot.ts';
import type { Inode } from './inode.ts';

/** A process, as far as the filesystem cares. */
export interface Caller {
  uid: number;
  gid: number;
  /** Absolute. */
  cwd: string;
  umask: number;
  fds: Map<number, Description>;
  /** Descriptors are below this. */
  maxFds: number;
  /** Names it throughout a run, and how many inodes it has created: for numbers that depend on nobody else. */
  index?: number;
  created?: number;
}

/** An open file description: what descriptors share after dup and fork. The kernel adds kinds of its own. */
export interface Description {
  readonly kind: string;
  /** Descriptors that refer to it. */
  refs: number;
}

export class FileDescription implements Description {
  readonly kind = 'file';
  refs = 1;
  readonly inode: Inode;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly append: boolean;
  readonly sync: boolean;
  /** As it was asked for when it was opened: what it is called by now may be another matter. */
  path = '';
  offset = 0;

  constructor(inode: Inode, readable: boolean, writable: boolean, append: boolean, sync: boolean) {
    this.inode = inode;
    this.readable = readable;
    this.writable = writable;
    this.append = append;
    this.sync = sync;
  }

  /** With its inode, if that has no name any more: the volume does not know it then. */
  save(): Restore {
    const { refs, offset, inode } = this;
    const { opens } = inode;
    const restoreInode = inode.nlink === 0 ? inode.save() : null;
    return () => {
      restoreInode?.();
      inode.opens = opens;
      this.refs = refs;
      this.offset = offset;
    };
  }
}

export class DirectoryDescription implements Description {
  readonly kind = 'directory';
  refs = 1;
  readonly inode: Inode;
  /** As it was asked for. */
  path = '';
  /** Made by the first readdir. A Map's iterator is live: it meets what is added later and skips what is removed. */
  cursor: Iterator<[string, Inode], undefined> | null = null;
  /** It has been read whole, at once. */
  isRead = false;

  constructor(inode: Inode) {
    this.inode = inode;
  }

  /** How many entries are still to come, as the directory is now. */
  rest(): number {
    const { entries } = this.inode;
    if (this.isRead) return 0;
    if (this.cursor === null) return entries.size;
    let rest = 0;
    while (!this.cursor.next().done) rest++;
    // An iterator cannot be asked where it is without moving it.
    this.cursor = entries.entries();
    this.#skip(entries.size - rest);
    return rest;
  }

  save(): Restore {
    const { refs, isRead, inode } = this;
    const { opens } = inode;
    const rest = this.cursor === null ? null : this.rest();
    const restoreInode = inode.nlink === 0 ? inode.save() : null;
    // After the volume, which restores the entries.
    return () => {
      restoreInode?.();
      inode.opens = opens;
      this.refs = refs;
      this.isRead = isRead;
      this.cursor = rest === null ? null : inode.entries.entries();
      if (rest !== null) this.#skip(inode.entries.size - rest);
    };
  }

  #skip(count: number): void {
    for (let i = count; i > 0; i--) this.cursor!.next();
  }
}

/** 0 to 2 are standard input, output and error. */
const FIRST_FD = 3;

/** The lowest free descriptor, or -1 when all are taken. */
export function lowestFreeFd(caller: Caller): number {
  let fd = FIRST_FD;
  while (caller.fds.has(fd)) fd++;
  return fd < caller.maxFds ? fd : -1;
}

/** The superuser outside any process, for faults and for set-up. */
export const KERNEL: Caller = { uid: 0, gid: 0, cwd: '/', umask: 0, fds: new Map(), maxFds: 0 };
