import type { Bytes } from '../../ports/index.ts';
import { EBADF, EFBIG, EINVAL, EISDIR, ENOSPC, Errno } from '../kernel/errno.ts';
import { type Caller, type Description, DirectoryDescription, FileDescription } from './caller.ts';
import type { Volume } from './volume.ts';

/** Contents are strings, which cannot be as long as ext4's files. */
const MAX_FILE_BYTES = 2 ** 28;

/** `position` null: at the description's offset, which moves. */
export function read(caller: Caller, fd: number, length: number, position: number | null): Bytes | Errno {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (file instanceof DirectoryDescription) return EISDIR;
  if (!file.readable) return EBADF;
  const start = position ?? file.offset;
  const bytes = file.inode.data.slice(start, start + length);
  if (position === null) file.offset = start + bytes.length;
  return bytes;
}

/** On a disk that is nearly full it writes what fits; if nothing does, ENOSPC. */
export function write(
  volume: Volume,
  caller: Caller,
  fd: number,
  bytes: Bytes,
  position: number | null,
): number | Errno {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (file instanceof DirectoryDescription || !file.writable) return EBADF;
  if (bytes.length === 0) return 0;
  const { inode } = file;
  const size = inode.data.length;
  // Linux appends even when a position is given, see the bugs in pwrite(2).
  const start = file.append ? size : (position ?? file.offset);
  const end = start + bytes.length;
  if (end > MAX_FILE_BYTES) return EFBIG;
  if (end > size && !volume.fits(inode, end)) {
    const room = size + volume.freeBytes - start;
    return room > 0 ? write(volume, caller, fd, bytes.slice(0, room), position) : ENOSPC;
  }
  volume.setData(inode, splice(inode.data, start, bytes));
  inode.mtimeMs = inode.ctimeMs = volume.now();
  if (position === null) file.offset = end;
  if (file.sync) inode.synced = inode.data;
  return bytes.length;
}

/** A negative length is zero, as Node has it. */
export function ftruncate(volume: Volume, caller: Caller, fd: number, length: number): Errno | undefined {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (file instanceof DirectoryDescription || !file.writable) return EINVAL;
  const { inode } = file;
  if (length > MAX_FILE_BYTES) return EFBIG;
  if (length > inode.data.length && !volume.fits(inode, length)) return ENOSPC;
  volume.setData(inode, resize(inode.data, Math.max(0, length)));
  inode.mtimeMs = inode.ctimeMs = volume.now();
  if (file.sync) inode.synced = inode.data;
  return undefined;
}

/** Of a file its content, of a directory its entries. A new file's name is its directory's, and wants its fsync. */
export function fsync(volume: Volume, caller: Caller, fd: number): Errno | undefined {
  const file = fileOf(caller, fd);
  if (file instanceof Errno) return file;
  if (volume.journal === null) return undefined;
  if (file instanceof DirectoryDescription) volume.journal.sync(file.inode);
  else file.inode.synced = file.inode.data;
  return undefined;
}

/** The file or directory of a descriptor. Other kinds are the kernel's; it does not ask here. */
export function fileOf(caller: Caller, fd: number): FileDescription | DirectoryDescription | Errno {
  const description: Description | undefined = caller.fds.get(fd);
  if (description === undefined) return EBADF;
  if (description instanceof FileDescription || description instanceof DirectoryDescription)
    return description;
  return EINVAL;
}

/** What was never written reads as zeros. */
export function resize(data: Bytes, length: number): Bytes {
  return length <= data.length ? data.slice(0, length) : data + '\0'.repeat(length - data.length);
}

function splice(data: Bytes, start: number, bytes: Bytes): Bytes {
  if (start === data.length) return data + bytes;
  if (start > data.length) return resize(data, start) + bytes;
  return data.slice(0, start) + bytes + data.slice(start + bytes.length);
}
