import { accesses } from '../base/accesses.ts';
import type { Restore } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import type { Inode } from './inode.ts';

/** An open file description, which descriptors share after dup and fork. The kernel adds its own kinds. */
export interface Description {
  readonly kind: string;
  /** The number of descriptors that refer to it. */
  refs: number;
  /** Several do, or did. */
  isShared: boolean;
  save(): Restore;
  /** What it is and where it stands, within a part of the process that has it. */
  visit(into: StateVisitor): void;
  /** The inode that it has open, if that has no name any more: its parts are visited once. */
  readonly namelessInode?: Inode | null;
}

/** The one cell of all descriptions that several descriptors share: such sharing is rare. */
export const SHARED_DESCRIPTIONS = 'shared descriptions';

/** An operation uses a description. What one process alone has open is a part of that process. */
export function usesDescription({ isShared }: Description): void {
  if (accesses !== null && isShared) accesses.update(accesses.cells.of(SHARED_DESCRIPTIONS));
}

/** One more descriptor refers to it. */
export function shareDescription(description: Description): void {
  description.refs++;
  description.isShared = true;
  usesDescription(description);
}

export class FileDescription implements Description {
  readonly kind = 'file';
  refs = 1;
  isShared = false;
  readonly inode: Inode;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly append: boolean;
  readonly sync: boolean;
  /** The path with which it was opened. It may have been renamed since. */
  path = '';
  offset = 0;

  constructor(inode: Inode, readable: boolean, writable: boolean, append: boolean, sync: boolean) {
    this.inode = inode;
    this.readable = readable;
    this.writable = writable;
    this.append = append;
    this.sync = sync;
  }

  /** Includes the inode if it has no name any more, because then the volume does not know it. */
  save(): Restore {
    const { refs, isShared, offset, inode } = this;
    const { opens } = inode;
    const restoreInode = inode.nlink === 0 ? inode.save() : null;
    return () => {
      restoreInode?.();
      inode.opens = opens;
      this.refs = refs;
      this.isShared = isShared;
      this.offset = offset;
    };
  }

  visit(into: StateVisitor): void {
    const { readable, writable, append, sync } = this;
    into.text(this.kind);
    into.number(this.inode.ino);
    into.number(Number(readable) + 2 * Number(writable) + 4 * Number(append) + 8 * Number(sync));
    into.number(this.offset);
  }

  get namelessInode(): Inode | null {
    return this.inode.nlink === 0 ? this.inode : null;
  }
}

export class DirectoryDescription implements Description {
  readonly kind = 'directory';
  refs = 1;
  isShared = false;
  readonly inode: Inode;
  /** The path with which it was opened. */
  path = '';
  /** Created by the first readdir. The iterator of a Map is live: it includes entries added later and skips removed ones. */
  cursor: Iterator<[string, Inode], undefined> | null = null;
  /** Whether it was read completely in one call. */
  isRead = false;

  constructor(inode: Inode) {
    this.inode = inode;
  }

  /** How many entries are left, according to the current directory. */
  rest(): number {
    const { entries } = this.inode;
    if (this.isRead) return 0;
    if (this.cursor === null) return entries.size;
    let rest = 0;
    while (!this.cursor.next().done) rest++;
    // The position of an iterator cannot be read without advancing it.
    this.cursor = entries.entries();
    this.#skip(entries.size - rest);
    return rest;
  }

  save(): Restore {
    const { refs, isShared, isRead, inode } = this;
    const { opens } = inode;
    const rest = this.cursor === null ? null : this.rest();
    const restoreInode = inode.nlink === 0 ? inode.save() : null;
    // Called after the volume has restored the entries.
    return () => {
      restoreInode?.();
      inode.opens = opens;
      this.refs = refs;
      this.isShared = isShared;
      this.isRead = isRead;
      this.cursor = rest === null ? null : inode.entries.entries();
      if (rest !== null) this.#skip(inode.entries.size - rest);
    };
  }

  visit(into: StateVisitor): void {
    into.text(this.kind);
    into.number(this.inode.ino);
    // Where it has not begun it depends on the directory alone.
    into.number(this.cursor === null && !this.isRead ? -1 : this.rest());
  }

  get namelessInode(): Inode | null {
    return this.inode.nlink === 0 ? this.inode : null;
  }

  #skip(count: number): void {
    for (let i = count; i > 0; i--) this.cursor!.next();
  }
}
