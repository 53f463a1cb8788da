import type { Stat } from '../../ports/index.ts';
import { EACCES, EINVAL, EPERM, Errno } from '../base/errno.ts';
import type { Caller } from './caller.ts';
import { fileOf } from './content.ts';
import type { FileCall } from './file-call.ts';
import type { Inode } from './inode.ts';
import { utf8Length } from './path.ts';
import { isOwner, may } from './permission.ts';
import { joinPath, pathOfDirectory } from './place.ts';
import type { Volume } from './volume.ts';
import { lookup, lookupAt, Place } from './walk.ts';

/** One block, regardless of the content, as on ext4. */
const DIRECTORY_BYTES = 4096;
const PERMISSION_BITS = 0o7777;
/** chown(2): do not change. Node also passes -1 as its unsigned value. */
const UNCHANGED = -1;
const UNCHANGED_UNSIGNED = 0xffff_ffff;

const place = new Place();

export const stat: FileCall<'stat'> = (volume, caller, { path }) => {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : statOf(inode);
};

export const lstat: FileCall<'lstat'> = (volume, caller, { path }) => {
  const inode = lookup(volume, caller, path, false);
  return inode instanceof Errno ? inode : statOf(inode);
};

export const fstat: FileCall<'fstat'> = (_, caller, { fd }) => {
  const file = fileOf(caller, fd);
  return file instanceof Errno ? file : statOf(file.inode);
};

export const statfs: FileCall<'statfs'> = (volume, caller, { path }) => {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : { type: volume.filesystemType };
};

export const access: FileCall<'access'> = (volume, caller, { path, mode: mask }) => {
  const inode = lookup(volume, caller, path, true);
  if (inode instanceof Errno) return inode;
  return may(caller, inode, mask) ? undefined : EACCES;
};

export const chmod: FileCall<'chmod'> = (volume, caller, { path, mode }) => {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : setMode(volume, caller, inode, mode);
};

export const fchmod: FileCall<'fchmod'> = (volume, caller, { fd, mode }) => {
  const file = fileOf(caller, fd);
  return file instanceof Errno ? file : setMode(volume, caller, file.inode, mode);
};

function setMode(volume: Volume, caller: Caller, inode: Inode, mode: number): Errno | undefined {
  if (!isOwner(caller, inode)) return EPERM;
  volume.touch();
  inode.mode = mode & PERMISSION_BITS;
  inode.changesAt(volume.now());
  return undefined;
}

/** Only root gives files away; an owner may give a file to its own group. */
export const chown: FileCall<'chown'> = (volume, caller, { path, uid, gid }) => {
  const inode = lookup(volume, caller, path, true);
  if (inode instanceof Errno) return inode;
  const newUid = uid === UNCHANGED || uid === UNCHANGED_UNSIGNED ? inode.uid : uid;
  const newGid = gid === UNCHANGED || gid === UNCHANGED_UNSIGNED ? inode.gid : gid;
  if (caller.uid !== 0) {
    if (caller.uid !== inode.uid || newUid !== inode.uid) return EPERM;
    if (newGid !== inode.gid && newGid !== caller.gid) return EPERM;
  }
  volume.touch();
  inode.uid = newUid;
  inode.gid = newGid;
  inode.changesAt(volume.now());
  return undefined;
};

export const utimes: FileCall<'utimes'> = (volume, caller, { path, atimeMs, mtimeMs }) => {
  const inode = lookup(volume, caller, path, true);
  return inode instanceof Errno ? inode : setTimes(volume, caller, inode, atimeMs, mtimeMs);
};

/** Allowed regardless of the access mode of the descriptor. */
export const futimes: FileCall<'futimes'> = (volume, caller, { fd, atimeMs, mtimeMs }) => {
  const file = fileOf(caller, fd);
  return file instanceof Errno ? file : setTimes(volume, caller, file.inode, atimeMs, mtimeMs);
};

function setTimes(
  volume: Volume,
  caller: Caller,
  inode: Inode,
  atimeMs: number,
  mtimeMs: number,
): Errno | undefined {
  if (!isOwner(caller, inode)) return EPERM;
  volume.touch();
  inode.setTimes(toMicroseconds(atimeMs), toMicroseconds(mtimeMs));
  inode.changesAt(volume.now());
  return undefined;
}

/** As precise as Node sets times. */
function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export const readlink: FileCall<'readlink'> = (volume, caller, { path }) => {
  const inode = lookup(volume, caller, path, false);
  if (inode instanceof Errno) return inode;
  return inode.kind === 'symlink' ? inode.target : EINVAL;
};

export const realpath: FileCall<'realpath'> = (volume, caller, { path }) => {
  const inode = lookupAt(volume, caller, path, true, place);
  if (inode instanceof Errno) return inode;
  if (inode.kind === 'directory') return pathOfDirectory(inode);
  return joinPath(pathOfDirectory(place.directory), place.name);
};

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
