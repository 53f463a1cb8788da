import { EACCES, EISDIR, ENOTDIR, EPERM, type Errno } from '../base/errno.ts';
import type { Caller } from './caller.ts';
import type { Inode } from './inode.ts';

export const R_OK = 4;
export const W_OK = 2;
export const X_OK = 1;

const STICKY = 0o1000;
const ANY_EXECUTE = 0o111;

/** Whether the caller has all permissions in `mask` (R_OK, W_OK, X_OK). */
export function may(caller: Caller, inode: Inode, mask: number): boolean {
  if (caller.uid === 0) {
    return (mask & X_OK) === 0 || inode.kind === 'directory' || (inode.mode & ANY_EXECUTE) !== 0;
  }
  const bits =
    caller.uid === inode.uid ? inode.mode >> 6 : caller.gid === inode.gid ? inode.mode >> 3 : inode.mode;
  return (bits & mask) === mask;
}

export function isOwner(caller: Caller, inode: Inode): boolean {
  return caller.uid === 0 || caller.uid === inode.uid;
}

export function mayCreate(caller: Caller, directory: Inode): Errno | undefined {
  return may(caller, directory, W_OK | X_OK) ? undefined : EACCES;
}

/** For unlink, rmdir, and both names of a rename. `asDirectory`: whether the operation removes a directory. */
export function mayDelete(
  caller: Caller,
  directory: Inode,
  victim: Inode,
  asDirectory: boolean,
): Errno | undefined {
  if (!may(caller, directory, W_OK | X_OK)) return EACCES;
  if ((directory.mode & STICKY) !== 0 && !isOwner(caller, victim) && !isOwner(caller, directory))
    return EPERM;
  if (asDirectory) return victim.kind === 'directory' ? undefined : ENOTDIR;
  return victim.kind === 'directory' ? EISDIR : undefined;
}
