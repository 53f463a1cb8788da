import { O_ACCMODE, OPEN } from '../../ports/index.ts';
import {
  EACCES,
  EBADF,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENOTDIR,
  ENXIO,
  Errno,
} from '../base/errno.ts';
import { type Caller, lowestFreeFd } from './caller.ts';
import { type Description, DirectoryDescription, FileDescription, usesDescription } from './description.ts';
import { addEntry } from './entries.ts';
import type { FileCall } from './file-call.ts';
import type { Inode } from './inode.ts';
import { parsePath } from './path.ts';
import { may, mayCreate, R_OK, W_OK } from './permission.ts';
import { refuseFollow, refuseReuse } from './protections.ts';
import type { Volume } from './volume.ts';
import { entryAt, lookup, Place, walkAlong, walkToLast } from './walk.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW, O_SYNC } = OPEN;
const PERMISSION_BITS = 0o7777;

const createPlace = new Place();
/** Set by {@link findOrCreate}: a newly created file may be opened regardless of its mode. */
let created = false;

export const open: FileCall<'open'> = (volume, caller, { path, flags, mode }) => {
  if ((flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY)) return EINVAL;
  const parsed = parsePath(path);
  if (parsed instanceof Errno) return parsed;
  // The descriptor is reserved first: without a free descriptor, no file is created.
  const fd = lowestFreeFd(caller);
  if (fd < 0) return EMFILE;
  created = false;
  const inode =
    (flags & O_CREAT) !== 0
      ? findOrCreate(volume, caller, path, flags, mode)
      : lookup(volume, caller, path, (flags & O_NOFOLLOW) === 0);
  if (inode instanceof Errno) return inode;
  const denied = refuse(caller, inode, flags);
  if (denied !== undefined) return denied;
  if ((flags & O_TRUNC) !== 0 && !created) empty(volume, inode);
  inode.opens++;
  const description = inode.kind === 'directory' ? new DirectoryDescription(inode) : describe(inode, flags);
  description.path = path;
  caller.fds.set(fd, description);
  return fd;
};

export const close: FileCall<'close'> = (volume, caller, { fd }) => {
  const description = caller.fds.get(fd);
  if (description === undefined) return EBADF;
  caller.fds.delete(fd);
  closeDescription(volume, description);
  return undefined;
};

/** Drops a reference. For kinds of the kernel, only references are counted. */
export function closeDescription(volume: Volume, description: Description): void {
  usesDescription(description);
  if (--description.refs > 0) return;
  if (description instanceof FileDescription || description instanceof DirectoryDescription) {
    description.inode.opens--;
    volume.releaseUnused(description.inode);
  }
}

function findOrCreate(
  volume: Volume,
  caller: Caller,
  path: string,
  flags: number,
  mode: number,
): Inode | Errno {
  const place = createPlace;
  const follow = (flags & (O_NOFOLLOW | O_EXCL)) === 0;
  let failed = walkToLast(volume, caller, path, place);
  for (;;) {
    if (failed !== undefined) return failed;
    if (place.slash && place.last === 'name') return EISDIR;
    const found = entryAt(place);
    if (found instanceof Errno) return found;
    if (found === undefined) return create(volume, caller, place, mode);
    if (found.kind === 'symlink' && follow) {
      // A dangling link is followed, and its target is created.
      failed =
        refuseFollow(volume.protections, caller, place.directory, found) ??
        walkAlong(volume, caller, found, place);
      continue;
    }
    if ((flags & O_EXCL) !== 0) return EEXIST;
    if (found.kind === 'directory') return EISDIR;
    return refuseReuse(volume.protections, caller, place.directory, found) ?? found;
  }
}

function create(volume: Volume, caller: Caller, place: Place, mode: number): Inode | Errno {
  const denied = mayCreate(caller, place.directory);
  if (denied !== undefined) return denied;
  const now = volume.now();
  const bits = mode & PERMISSION_BITS & ~caller.umask;
  const inode = volume.create('file', bits, caller, place.directory, now);
  addEntry(volume, place.directory, place.name, inode, now);
  created = true;
  return inode;
}

/** Why an existing inode may not be opened with these flags. */
function refuse(caller: Caller, inode: Inode, flags: number): Errno | undefined {
  if ((flags & O_DIRECTORY) !== 0 && inode.kind !== 'directory') return ENOTDIR;
  if (created) return undefined;
  if (inode.kind === 'symlink') return ELOOP;
  const access = flags & O_ACCMODE;
  const writes = access !== O_RDONLY || (flags & O_TRUNC) !== 0;
  if (writes && inode.kind === 'directory') return EISDIR;
  const mask = (access === O_WRONLY ? 0 : R_OK) | (writes ? W_OK : 0);
  if (!may(caller, inode, mask)) return EACCES;
  return inode.kind === 'socket' ? ENXIO : undefined;
}

function describe(inode: Inode, flags: number): FileDescription {
  // Access mode 3 of Linux requires both permissions and grants neither.
  const access = (flags & O_ACCMODE) + 1;
  return new FileDescription(
    inode,
    (access & 1) !== 0,
    (access & 2) !== 0,
    (flags & O_APPEND) !== 0,
    (flags & O_SYNC) !== 0,
  );
}

function empty(volume: Volume, inode: Inode): void {
  volume.setData(inode, '');
  inode.contentChangesAt(volume.now());
}
