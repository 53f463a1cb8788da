import { type DirectoryEntry, OPEN } from '../../ports/index.ts';
import { EINVAL, ENOTDIR, Errno } from '../base/errno.ts';
import { fileOf } from './content.ts';
import { DirectoryDescription } from './description.ts';
import type { FileCall } from './file-call.ts';
import { open } from './open.ts';

export const opendir: FileCall<'opendir'> = (volume, caller, { path }) => {
  return open(volume, caller, { path, flags: OPEN.O_RDONLY | OPEN.O_DIRECTORY, mode: 0 });
};

/**
 * The next few entries of the current directory, in order of creation. A name that exists throughout is returned once, one
 * created in the meantime at the end; one removed before it is reached is not returned; one removed and created again
 * may be returned twice.
 */
export const readdir: FileCall<'readdir'> = (volume, caller, { fd, prefix = '' }) => {
  const directory = fileOf(caller, fd);
  // Streams and listening sockets are no directories either.
  if (directory instanceof Errno) return directory === EINVAL ? ENOTDIR : directory;
  if (!(directory instanceof DirectoryDescription)) return ENOTDIR;
  if (volume.readdirBatch === Number.POSITIVE_INFINITY) return readWhole(directory, prefix);
  directory.cursor ??= directory.inode.entries.entries();
  directory.inode.entries.readsAll();
  const entries: DirectoryEntry[] = [];
  while (entries.length < volume.readdirBatch) {
    const next = directory.cursor.next();
    if (next.done === true) break;
    const [name, { kind }] = next.value;
    if (name.startsWith(prefix)) entries.push({ name, kind });
  }
  return entries;
};

/** Reads everything at once, as Linux does with one system call if it fits into the buffer of 32 KiB (about a thousand names). */
function readWhole(directory: DirectoryDescription, prefix: string): DirectoryEntry[] {
  if (directory.isRead) return [];
  directory.isRead = true;
  const entries: DirectoryEntry[] = [];
  for (const [name, { kind }] of directory.inode.entries.startingWith(prefix)) entries.push({ name, kind });
  return entries;
}
