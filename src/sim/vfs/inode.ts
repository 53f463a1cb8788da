import type { Bytes, FileKind } from '../../ports/index.ts';
import { type Restore, saveMap } from '../kernel/snapshot.ts';

/**
 * One file of any kind. A single class with the same fields for all kinds keeps every access monomorphic; what a kind
 * does not use stays at its empty value.
 */
export class Inode {
  readonly ino: number;
  readonly kind: FileKind;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Names in directories; a directory counts itself and its subdirectories' `..` as well. */
  nlink: number;
  /** Open descriptions. The inode lives until both counts are zero. */
  opens = 0;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
  /** A file's content. */
  data: Bytes = '';
  /** A file's content after a power cut. Kept only by a durable volume. */
  synced: Bytes = '';
  /** A symbolic link's target. */
  target = '';
  /** A directory's entries, in order of insertion. */
  readonly entries: Map<string, Inode> = NO_ENTRIES;
  /** A directory has exactly one name: this one in that directory. The root is its own parent. */
  parent: Inode = this;
  name = '';
  /** What listens on a socket. The filesystem never looks inside. */
  socket: object | null = null;

  constructor(ino: number, kind: FileKind, mode: number, uid: number, gid: number, nowMs: number) {
    this.ino = ino;
    this.kind = kind;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.nlink = 1;
    this.atimeMs = nowMs;
    this.mtimeMs = nowMs;
    this.ctimeMs = nowMs;
    if (kind === 'directory') {
      this.entries = new Map();
      this.nlink = 2;
    }
  }

  /** How often it is open is its descriptions' to save. */
  save(): Restore {
    const { mode, uid, gid, nlink, atimeMs, mtimeMs, ctimeMs } = this;
    const { data, synced, target, parent, name, socket } = this;
    const restoreEntries = this.kind === 'directory' ? saveMap(this.entries) : null;
    return () => {
      this.mode = mode;
      this.uid = uid;
      this.gid = gid;
      this.nlink = nlink;
      this.atimeMs = atimeMs;
      this.mtimeMs = mtimeMs;
      this.ctimeMs = ctimeMs;
      this.data = data;
      this.synced = synced;
      this.target = target;
      this.parent = parent;
      this.name = name;
      this.socket = socket;
      restoreEntries?.();
    };
  }
}

/** Shared by all that are no directories; nothing writes to it because entries are added to directories only. */
const NO_ENTRIES: Map<string, Inode> = new Map();

/** Whether `inode` is `directory` or lies above it. */
export function isAtOrAbove(inode: Inode, directory: Inode): boolean {
  for (let at = directory; ; at = at.parent) {
    if (at === inode) return true;
    if (at.parent === at) return false;
  }
}

export function pathOfDirectory(directory: Inode): string {
  if (directory.parent === directory) return '/';
  return joinPath(pathOfDirectory(directory.parent), directory.name);
}

export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
