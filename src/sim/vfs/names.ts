import { wellFormed } from '../../ports/well-formed.ts';
import {
  EACCES,
  EADDRINUSE,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  Errno,
} from '../base/errno.ts';
import type { Caller } from './caller.ts';
import { addEntry, removeEntry } from './entries.ts';
import type { FileCall } from './file-call.ts';
import type { Inode, NamedSocket } from './inode.ts';
import { parsePath } from './path.ts';
import { mayCreate, mayDelete } from './permission.ts';
import { refuseLink } from './protections.ts';
import type { Volume } from './volume.ts';
import { entryAt, lookup, Place, walkToLast } from './walk.ts';

/** mkdir(2) ignores set-id bits. */
const DIRECTORY_BITS = 0o1777;
const SYMLINK_MODE = 0o777;

const place = new Place();

export const mkdir: FileCall<'mkdir'> = (volume, caller, { path, mode }) => {
  const refused = findFreeName(volume, caller, path, true) ?? mayCreate(caller, place.directory);
  if (refused !== undefined) return refused;
  const now = volume.now();
  const inode = volume.create(
    'directory',
    mode & DIRECTORY_BITS & ~caller.umask,
    caller,
    place.directory,
    now,
  );
  addEntry(volume, place.directory, place.name, inode, now);
  return undefined;
};

export const symlink: FileCall<'symlink'> = (volume, caller, { target, path }) => {
  const parsed = parsePath(target);
  if (parsed instanceof Errno) return parsed;
  const refused = findFreeName(volume, caller, path, false) ?? mayCreate(caller, place.directory);
  if (refused !== undefined) return refused;
  const now = volume.now();
  const inode = volume.create('symlink', SYMLINK_MODE, caller, place.directory, now);
  inode.target = wellFormed(target);
  addEntry(volume, place.directory, place.name, inode, now);
  return undefined;
};

/** A socket's name. Node gives EACCES where a directory is missing: libuv does so to be like Windows. */
export function bindSocket(
  volume: Volume,
  caller: Caller,
  path: string,
  socket: NamedSocket,
): Errno | undefined {
  const refused = findFreeName(volume, caller, path, false) ?? mayCreate(caller, place.directory);
  if (refused !== undefined) return refused === EEXIST ? EADDRINUSE : refused === ENOENT ? EACCES : refused;
  const now = volume.now();
  const inode = volume.create('socket', SYMLINK_MODE & ~caller.umask, caller, place.directory, now);
  inode.socket = socket;
  addEntry(volume, place.directory, place.name, inode, now);
  return undefined;
}

/** Adds a name for an inode. A symbolic link is not followed, but gets a second name. */
export const link: FileCall<'link'> = (volume, caller, { from, to }) => {
  const inode = lookup(volume, caller, from, false);
  if (inode instanceof Errno) return inode;
  const refused =
    findFreeName(volume, caller, to, false) ??
    refuseLink(volume.protections, caller, inode) ??
    mayCreate(caller, place.directory);
  if (refused !== undefined) return refused;
  if (inode.kind === 'directory') return EPERM;
  const now = volume.now();
  inode.countLinks(1);
  inode.changesAt(now);
  addEntry(volume, place.directory, place.name, inode, now);
  return undefined;
};

export const unlink: FileCall<'unlink'> = (volume, caller, { path }) => {
  const failed = walkToLast(volume, caller, path, place);
  if (failed !== undefined) return failed;
  if (place.last !== 'name') return EISDIR;
  const inode = existing(place);
  if (inode instanceof Errno) return inode;
  if (place.slash) return inode.kind === 'directory' ? EISDIR : ENOTDIR;
  const denied = mayDelete(caller, place.directory, inode, false);
  if (denied !== undefined) return denied;
  removeEntry(volume, place.directory, place.name, inode);
  return undefined;
};

export const rmdir: FileCall<'rmdir'> = (volume, caller, { path }) => {
  const failed = walkToLast(volume, caller, path, place);
  if (failed !== undefined) return failed;
  if (place.last === 'dot') return EINVAL;
  if (place.last === 'dotdot') return ENOTEMPTY;
  if (place.last === 'root') return EBUSY;
  const inode = existing(place);
  if (inode instanceof Errno) return inode;
  const denied = mayDelete(caller, place.directory, inode, true);
  if (denied !== undefined) return denied;
  if (inode.entries.size > 0) return ENOTEMPTY;
  removeEntry(volume, place.directory, place.name, inode);
  return undefined;
};

/** Walks to a name to be created. Only the name of a directory may end in a slash. */
function findFreeName(volume: Volume, caller: Caller, path: string, asDirectory: boolean): Errno | undefined {
  const failed = walkToLast(volume, caller, path, place);
  if (failed !== undefined) return failed;
  if (place.last !== 'name') return EEXIST;
  const found = entryAt(place);
  if (found !== undefined) return found instanceof Errno ? found : EEXIST;
  return place.slash && !asDirectory ? ENOENT : undefined;
}

function existing(at: Place): Inode | Errno {
  return entryAt(at) ?? ENOENT;
}
