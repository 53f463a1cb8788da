import { EACCES, EBUSY, EINVAL, ENOENT, ENOTDIR, ENOTEMPTY, Errno } from '../base/errno.ts';
import { dropLink } from './entries.ts';
import type { FileCall } from './file-call.ts';
import type { Inode } from './inode.ts';
import { may, mayCreate, mayDelete, W_OK } from './permission.ts';
import { isAtOrAbove } from './place.ts';
import type { Volume } from './volume.ts';
import { entryAt, Place, walkToLast } from './walk.ts';

const source = new Place();
const target = new Place();

/** With the checks of Linux's do_renameat2 and vfs_rename, in the same order. */
export const rename: FileCall<'rename'> = (volume, caller, { from, to }) => {
  const failed = walkToLast(volume, caller, from, source) ?? walkToLast(volume, caller, to, target);
  if (failed !== undefined) return failed;
  if (source.last !== 'name' || target.last !== 'name') return EBUSY;
  const moved = entryAt(source);
  if (moved instanceof Errno) return moved;
  if (moved === undefined) return ENOENT;
  const replaced = entryAt(target);
  if (replaced instanceof Errno) return replaced;
  const isDirectory = moved.kind === 'directory';
  if (!isDirectory && (source.slash || target.slash)) return ENOTDIR;
  if (isDirectory && isAtOrAbove(moved, target.directory)) return EINVAL;
  if (replaced?.kind === 'directory' && isAtOrAbove(replaced, source.directory)) return ENOTEMPTY;
  // If both are names of the same inode, both stay, as POSIX requires.
  if (moved === replaced) return undefined;
  const denied =
    mayDelete(caller, source.directory, moved, isDirectory) ??
    (replaced === undefined
      ? mayCreate(caller, target.directory)
      : mayDelete(caller, target.directory, replaced, isDirectory));
  if (denied !== undefined) return denied;
  // Its entry `..` must be changed.
  if (isDirectory && source.directory !== target.directory && !may(caller, moved, W_OK)) return EACCES;
  if (replaced !== undefined && replaced.entries.size > 0) return ENOTEMPTY;
  move(volume, moved, replaced);
  return undefined;
};

function move(volume: Volume, moved: Inode, replaced: Inode | undefined): void {
  const now = volume.now();
  const from = source.directory;
  const to = target.directory;
  if (volume.journal !== null) {
    volume.journal.rename(from, source.name, to, target.name, moved, replaced);
  }
  volume.touch();
  from.entries.delete(source.name);
  // At the position of the replaced entry, as on disk, so that a concurrent readdir returns the name once.
  to.entries.set(target.name, moved);
  moved.changesAt(now);
  from.contentChangesAt(now);
  to.contentChangesAt(now);
  if (moved.kind === 'directory') {
    moved.parent = to;
    moved.name = target.name;
    from.countLinks(-1);
    to.countLinks(1);
  }
  if (replaced !== undefined) dropLink(volume, to, replaced, now);
}
