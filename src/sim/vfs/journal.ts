import type { Inode } from './inode.ts';
import { isAtOrAbove, joinPath, pathOfDirectory } from './place.ts';

/** A change that a power cut may undo. */
export interface UnsyncedChange {
  /** `content`: of a file since its last fsync. `entry`: a name added or removed. `rename`: two names together. */
  readonly kind: 'content' | 'entry' | 'rename';
  /** The path at the time of the change; for a rename the new path. */
  readonly path: string;
  /** For a rename the old path. */
  readonly from: string | null;
  readonly ino: number;
}

interface Edit {
  readonly directory: Inode;
  readonly name: string;
  readonly before: Inode | undefined;
  readonly after: Inode | undefined;
}

interface Change extends UnsyncedChange {
  /** They take effect together or not at all. */
  readonly edits: readonly Edit[];
}

/**
 * The changes of directories that are not synced yet, oldest first. For each name they are the latest part of its history, so that
 * undoing all of them in reverse order gives the state on disk.
 */
export class Journal {
  #pending: Change[] = [];

  entry(directory: Inode, name: string, before: Inode | undefined, after: Inode | undefined): void {
    const path = joinPath(pathOfDirectory(directory), name);
    const ino = (after ?? before)?.ino ?? 0;
    this.#pending.push({ kind: 'entry', path, from: null, ino, edits: [{ directory, name, before, after }] });
  }

  rename(
    source: Inode,
    oldName: string,
    target: Inode,
    newName: string,
    moved: Inode,
    replaced: Inode | undefined,
  ): void {
    this.#pending.push({
      kind: 'rename',
      path: joinPath(pathOfDirectory(target), newName),
      from: joinPath(pathOfDirectory(source), oldName),
      ino: moved.ino,
      edits: [
        { directory: source, name: oldName, before: moved, after: undefined },
        { directory: target, name: newName, before: replaced, after: moved },
      ],
    });
  }

  /** Syncs all changes of a directory, and the earlier changes on which they depend. */
  sync(directory: Inode): void {
    const lasting = new Set<Change>();
    const touched: Edit[] = [];
    for (const change of this.#pending.toReversed()) {
      const { edits } = change;
      if (
        edits.some((edit) => edit.directory === directory || touched.some((later) => isBasis(edit, later)))
      ) {
        lasting.add(change);
        touched.push(...edits);
      }
    }
    this.#pending = this.#pending.filter((change) => !lasting.has(change));
  }

  /** Keeps synced changes, and those unsynced changes that `keep` chooses. */
  cut(root: Inode, keep: (change: UnsyncedChange) => boolean): void {
    for (const change of this.#pending.toReversed()) {
      for (const { directory, name, before } of change.edits) place(directory, name, before);
    }
    for (const change of this.#pending) {
      if (!isPossible(root, change) || !keep(change)) continue;
      for (const { directory, name, after } of change.edits) place(directory, name, after);
    }
    this.#pending = [];
  }
}

/** Whether a later edit depends on an earlier one, because of the same name or a reused inode number. */
function isBasis({ directory, name, before }: Edit, later: Edit): boolean {
  if (directory === later.directory && name === later.name) return true;
  return before !== undefined && later.after !== undefined && isSuccessor(later.after, before);
}

function isSuccessor(inode: Inode, other: Inode): boolean {
  return inode !== other && inode.ino === other.ino;
}

function place(directory: Inode, name: string, inode: Inode | undefined): void {
  if (inode === undefined) {
    directory.entries.delete(name);
    return;
  }
  directory.entries.set(name, inode);
  if (inode.kind === 'directory') {
    inode.parent = directory;
    inode.name = name;
  }
}

/** A change that depends on a lost change is lost too. */
function isPossible(root: Inode, { edits }: Change): boolean {
  return edits.every(({ directory, name, before, after }) => {
    if (directory.entries.get(name) !== before || !isReachable(root, directory)) return false;
    if (after?.kind === 'directory' && isAtOrAbove(after, directory)) return false;
    if (after !== undefined && hasPredecessor(root, after)) return false;
    const isRemoved = before?.kind === 'directory' && !edits.some((edit) => edit.after === before);
    return !isRemoved || before.entries.size === 0;
  });
}

function isReachable(root: Inode, directory: Inode): boolean {
  for (let at = directory; at !== root; at = at.parent) {
    if (at.parent === at || at.parent.entries.get(at.name) !== at) return false;
  }
  return true;
}

/** Whether the file whose number an inode reuses still exists. */
function hasPredecessor(directory: Inode, inode: Inode): boolean {
  for (const entry of directory.entries.values()) {
    if (isSuccessor(inode, entry) || hasPredecessor(entry, inode)) return true;
  }
  return false;
}
