import type { Bytes } from '../../ports/index.ts';
import { READ_LIMIT_BYTES } from '../../ports/limits.ts';
import { EBADF, EFBIG, EINVAL, EISDIR, ENOSPC, Errno } from '../base/errno.ts';
import type { Caller } from './caller.ts';
import { type Description, DirectoryDescription, FileDescription, usesDescription } from './description.ts';
import type { FileCall } from './file-call.ts';

/** The content of a file is a string, which cannot be as long as a file on ext4. */
const MAX_FILE_BYTES = 2 ** 28;

/**
 * If `position` is `null` or -1, reads at the offset of the description and advances it. Node answers a read of nothing itself: it
 * succeeds with any descriptor.
 */
export const read: FileCall<'read'> = (_, caller, { fd, length, position }) => {
  if (length === 0) return '';
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (file instanceof DirectoryDescription) return EISDIR;
  if (!file.readable) return EBADF;
  const goesOn = position === null || position === -1;
  const start = goesOn ? file.offset : position;
  const bytes = file.inode.data.slice(start, start + Math.min(length, READ_LIMIT_BYTES));
  if (goesOn) file.offset = start + bytes.length;
  return bytes;
};

/** On a disk that is almost full, writes what fits; fails with ENOSPC if nothing does. */
export const write: FileCall<'write'> = (volume, caller, { fd, data: bytes, position }) => {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (file instanceof DirectoryDescription || !file.writable) return EBADF;
  if (bytes.length === 0) return 0;
  const { inode } = file;
  const size = inode.data.length;
  // Linux appends even if a position is given, see BUGS in pwrite(2).
  const start = file.append ? size : (position ?? file.offset);
  const end = start + bytes.length;
  if (end > MAX_FILE_BYTES) return EFBIG;
  if (end > size && !volume.fits(inode, end)) {
    const room = size + volume.freeBytes - start;
    return room > 0 ? write(volume, caller, { fd, data: bytes.slice(0, room), position }) : ENOSPC;
  }
  volume.setData(inode, splice(inode.data, start, bytes));
  inode.contentChangesAt(volume.now());
  if (position === null) file.offset = end;
  if (file.sync) inode.synced = inode.data;
  return bytes.length;
};

/** A negative length counts as 0, as in Node. */
export const ftruncate: FileCall<'ftruncate'> = (volume, caller, { fd, length }) => {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (file instanceof DirectoryDescription || !file.writable) return EINVAL;
  const { inode } = file;
  if (length > MAX_FILE_BYTES) return EFBIG;
  if (length > inode.data.length && !volume.fits(inode, length)) return ENOSPC;
  volume.setData(inode, resize(inode.data, Math.max(0, length)));
  inode.contentChangesAt(volume.now());
  if (file.sync) inode.synced = inode.data;
  return undefined;
};

/** Syncs the content of a file, or the entries of a directory. The name of a new file requires an fsync of its directory. */
export const fsync: FileCall<'fsync'> = (volume, caller, { fd }) => {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (volume.journal === null) return undefined;
  volume.touch();
  if (file instanceof DirectoryDescription) volume.journal.sync(file.inode);
  else file.inode.synced = file.inode.data;
  return undefined;
};

/** The file or directory of a descriptor. Other kinds belong to the kernel, which does not call this. */
export function fileOf(caller: Caller, fd: number): FileDescription | DirectoryDescription | Errno {
  const description: Description | undefined = caller.fds.get(fd);
  if (description === undefined) return EBADF;
  usesDescription(description);
  if (description instanceof FileDescription || description instanceof DirectoryDescription)
    return description;
  return EINVAL;
}

/** Unwritten ranges read as zeros. */
export function resize(data: Bytes, length: number): Bytes {
  return length <= data.length ? data.slice(0, length) : data + '\0'.repeat(length - data.length);
}

function splice(data: Bytes, start: number, bytes: Bytes): Bytes {
  if (start === data.length) return data + bytes;
  if (start > data.length) return resize(data, start) + bytes;
  return data.slice(0, start) + bytes + data.slice(start + bytes.length);
}
