import { type DirectoryEntry, OPEN } from '../../ports/index.ts';
import { ENOTDIR, Errno } from '../kernel/errno.ts';
import { type Caller, DirectoryDescription } from './caller.ts';
import { fileOf } from './content.ts';
import { open } from './open.ts';
import type { Volume } from './volume.ts';

export function opendir(volume: Volume, caller: Caller, path: string): number | Errno {
  return open(volume, caller, path, OPEN.O_RDONLY | OPEN.O_DIRECTORY, 0);
}

/**
 * The next few entries, in order of creation, from the directory as it is now. So a name that is there all the time
 * comes once; one created meanwhile comes at the end; one removed in time does not come; one removed and created again
 * may come twice.
 */
export function readdir(
  volume: Volume,
  caller: Caller,
  fd: number,
  prefix: string,
): DirectoryEntry[] | Errno {
  const directory = fileOf(caller, fd);
  if (directory instanceof Errno) return directory;
  if (!(directory instanceof DirectoryDescription)) return ENOTDIR;
  if (volume.readdirBatch === Number.POSITIVE_INFINITY) return readWhole(directory, prefix);
  directory.cursor ??= directory.inode.entries.entries();
  const entries: DirectoryEntry[] = [];
  while (entries.length < volume.readdirBatch) {
    const next = directory.cursor.next();
    if (next.done === true) break;
    const [name, { kind }] = next.value;
    if (name.startsWith(prefix)) entries.push({ name, kind });
  }
  return entries;
}

/** As Linux does with one system call while they fit into the buffer: 32 KiB, about a thousand names. */
function readWhole(directory: DirectoryDescription, prefix: string): DirectoryEntry[] {
  if (directory.isRead) return [];
  directory.isRead = true;
  const entries: DirectoryEntry[] = [];
  for (const [name, { kind }] of directory.inode.entries)
    if (name.startsWith(prefix)) entries.push({ name, kind });
  return entries;
}
