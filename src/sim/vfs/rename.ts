import { EACCES, EBUSY, EINVAL, ENOENT, ENOTDIR, ENOTEMPTY, Errno } from '../kernel/errno.ts';
import type { Caller } from './caller.ts';
import { dropLink } from './entries.ts';
import { type Inode, isAtOrAbove } from './inode.ts';
import { may, mayCreate, mayDelete, W_OK } from './permission.ts';
import type { Volume } from './volume.ts';
import { entryAt, Place, walkToLast } from './walk.ts';

const source = new Place();
const target = new Place();

/** The checks and their order are those of Linux's do_renameat2 and vfs_rename. */
export function rename(volume: Volume, caller: Caller, from: string, to: string): Errno | undefined {
  const failed = walkToLast(volume, caller, from, source) ?? walkToLast(volume, caller, to, target);
  if (failed !== undefined) return failed;
  if (source.last !== 'name' || target.last !== 'name') return EBUSY;
  const moved = entryAt(source);
  if (moved instanceof Errno) return moved;
  const replaced = entryAt(target);
  if (replaced instanceof Errno) return replaced;
  if (moved === undefined) return ENOENT;
  const isDirectory = moved.kind === 'directory';
  if (!isDirectory && (source.slash || target.slash)) return ENOTDIR;
  if (isDirectory && isAtOrAbove(moved, target.directory)) return EINVAL;
  if (replaced?.kind === 'directory' && isAtOrAbove(replaced, source.directory)) return ENOTEMPTY;
  // Two names of one inode both stay, as POSIX wants it.
  if (moved === replaced) return undefined;
  const denied =
    mayDelete(caller, source.directory, moved, isDirectory) ??
    (replaced === undefined
      ? mayCreate(caller, target.directory)
      : mayDelete(caller, target.directory, replaced, isDirectory));
  if (denied !== undefined) return denied;
  // Its entry `..` is to be written.
  if (isDirectory && source.directory !== target.directory && !may(caller, moved, W_OK)) return EACCES;
  if (replaced !== undefined && replaced.entries.size > 0) return ENOTEMPTY;
  move(volume, moved, replaced);
  return undefined;
}

function move(volume: Volume, moved: Inode, replaced: Inode | undefined): void {
  const now = volume.now();
  const from = source.directory;
  const to = target.directory;
  if (volume.journal !== null) {
    volume.journal.rename(from, source.name, to, target.name, moved, replaced);
  }
  from.entries.delete(source.name);
  // In the place of what is replaced, as on disk: a readdir under way meets the name once.
  to.entries.set(target.name, moved);
  moved.ctimeMs = now;
  from.mtimeMs = from.ctimeMs = now;
  to.mtimeMs = to.ctimeMs = now;
  if (moved.kind === 'directory') {
    moved.parent = to;
    moved.name = target.name;
    from.nlink--;
    to.nlink++;
  }
  if (replaced !== undefined) dropLink(volume, to, replaced, now);
}
