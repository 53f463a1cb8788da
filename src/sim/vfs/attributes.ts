import type { Stat } from '../../ports/index.ts';
import { EACCES, EINVAL, EPERM, Errno } from '../kernel/errno.ts';
import type { Caller } from './caller.ts';
import { fileOf } from './content.ts';
import { type Inode, joinPath, pathOfDirectory } from './inode.ts';
import { utf8Length } from './path.ts';
import { isOwner, may } from './permission.ts';
import type { Volume } from './volume.ts';
import { lookup, lookupAt, Place } from './walk.ts';

/** One block, whatever is in it, as on ext4. */
const DIRECTORY_BYTES = 4096;
const PERMISSION_BITS = 0o7777;
/** chown(2): leave as it is. Node passes -1 as its unsigned value too. */
const UNCHANGED = -1;
const UNCHANGED_UNSIGNED = 0xffff_ffff;

const place = new Place();

export function stat(volume: Volume, caller: Caller, path: string): Stat | Errno {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : statOf(inode);
}

export function lstat(volume: Volume, caller: Caller, path: string): Stat | Errno {
  const inode = lookup(volume, caller, path, false);
  return inode instanceof Errno ? inode : statOf(inode);
}

export function fstat(caller: Caller, fd: number): Stat | Errno {
  const file = fileOf(caller, fd);
  return file instanceof Errno ? file : statOf(file.inode);
}

export function access(volume: Volume, caller: Caller, path: string, mask: number): Errno | undefined {
  const inode = lookup(volume, caller, path, true);
  if (inode instanceof Errno) return inode;
  return may(caller, inode, mask) ? undefined : EACCES;
}

export function chmod(volume: Volume, caller: Caller, path: string, mode: number): Errno | undefined {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : setMode(volume, caller, inode, mode);
}

export function fchmod(volume: Volume, caller: Caller, fd: number, mode: number): Errno | undefined {
  const file = fileOf(caller, fd);
  return file instanceof Errno ? file : setMode(volume, caller, file.inode, mode);
}

function setMode(volume: Volume, caller: Caller, inode: Inode, mode: number): Errno | undefined {
  if (!isOwner(caller, inode)) return EPERM;
  inode.mode = mode & PERMISSION_BITS;
  inode.ctimeMs = volume.now();
  return undefined;
}

/** Only root gives files away; an owner may give a file to its own group. */
export function chown(
  volume: Volume,
  caller: Caller,
  path: string,
  uid: number,
  gid: number,
): Errno | undefined {
  const inode = lookup(volume, caller, path, true);
  if (inode instanceof Errno) return inode;
  const newUid = uid === UNCHANGED || uid === UNCHANGED_UNSIGNED ? inode.uid : uid;
  const newGid = gid === UNCHANGED || gid === UNCHANGED_UNSIGNED ? inode.gid : gid;
  if (caller.uid !== 0) {
    if (caller.uid !== inode.uid || newUid !== inode.uid) return EPERM;
    if (newGid !== inode.gid && newGid !== caller.gid) return EPERM;
  }
  inode.uid = newUid;
  inode.gid = newGid;
  inode.ctimeMs = volume.now();
  return undefined;
}

export function utimes(
  volume: Volume,
  caller: Caller,
  path: string,
  atimeMs: number,
  mtimeMs: number,
): Errno | undefined {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : setTimes(volume, caller, inode, atimeMs, mtimeMs);
}

/** However the file is open. */
export function futimes(
  volume: Volume,
  caller: Caller,
  fd: number,
  atimeMs: number,
  mtimeMs: number,
): Errno | undefined {
  const file = fileOf(caller, fd);
  return file instanceof Errno ? file : setTimes(volume, caller, file.inode, atimeMs, mtimeMs);
}

function setTimes(
  volume: Volume,
  caller: Caller,
  inode: Inode,
  atimeMs: number,
  mtimeMs: number,
): Errno | undefined {
  if (!isOwner(caller, inode)) return EPERM;
  inode.atimeMs = atimeMs;
  inode.mtimeMs = mtimeMs;
  inode.ctimeMs = volume.now();
  return undefined;
}

export function readlink(volume: Volume, caller: Caller, path: string): string | Errno {
  const inode = lookup(volume, caller, path, false);
  if (inode instanceof Errno) return inode;
  return inode.kind === 'symlink' ? inode.target : EINVAL;
}

export function realpath(volume: Volume, caller: Caller, path: string): string | Errno {
  const inode = lookupAt(volume, caller, path, true, place);
  if (inode instanceof Errno) return inode;
  if (inode.kind === 'directory') return pathOfDirectory(inode);
  return joinPath(pathOfDirectory(place.directory), place.name);
}

export function statOf(inode: Inode): Stat {
  return {
    kind: inode.kind,
    ino: inode.ino,
    nlink: inode.nlink,
    uid: inode.uid,
    gid: inode.gid,
    mode: inode.mode,
    size: sizeOf(inode),
    atimeMs: inode.atimeMs,
    mtimeMs: inode.mtimeMs,
    ctimeMs: inode.ctimeMs,
  };
}

function sizeOf(inode: Inode): number {
  if (inode.kind === 'file') return inode.data.length;
  if (inode.kind === 'directory') return DIRECTORY_BYTES;
  return utf8Length(inode.target);
}
