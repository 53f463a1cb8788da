import { EACCES, EPERM, type Errno } from '../kernel/errno.ts';
import type { Caller } from './caller.ts';
import type { Inode } from './inode.ts';
import { isOwner, may, R_OK, W_OK } from './permission.ts';

/** Linux's sysctls `fs.protected_*`. They guard directories like /tmp, where lock files of several users meet. */
export interface Protections {
  /** Who neither owns a file nor may read and write it gets EPERM from link. */
  hardlinks: boolean;
  /** In a sticky directory that all may write, a final link is followed only if the caller or the directory's owner made it. */
  symlinks: boolean;
  /**
   * In a sticky directory, open with O_CREAT refuses the existing file of another user, even to root: at 1 if all may
   * write the directory, at 2 also if its group may.
   */
  regular: 0 | 1 | 2;
}

/** As systemd sets them; the kernel's own default is none. */
export const DEFAULT_PROTECTIONS: Protections = { hardlinks: true, symlinks: true, regular: 1 };

const STICKY = 0o1000;
const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;
const SETUID = 0o4000;
const SETGID_AND_EXECUTE = 0o2010;

export function refuseLink({ hardlinks }: Protections, caller: Caller, inode: Inode): Errno | undefined {
  if (!hardlinks || isOwner(caller, inode)) return undefined;
  const isSafe =
    inode.kind === 'file' &&
    (inode.mode & SETUID) === 0 &&
    (inode.mode & SETGID_AND_EXECUTE) !== SETGID_AND_EXECUTE &&
    may(caller, inode, R_OK | W_OK);
  return isSafe ? undefined : EPERM;
}

export function refuseFollow(
  { symlinks }: Protections,
  caller: Caller,
  directory: Inode,
  symlink: Inode,
): Errno | undefined {
  const isShared = (directory.mode & STICKY) !== 0 && (directory.mode & OTHERS_WRITE) !== 0;
  if (!symlinks || !isShared) return undefined;
  return caller.uid === symlink.uid || directory.uid === symlink.uid ? undefined : EACCES;
}

export function refuseReuse(
  { regular }: Protections,
  caller: Caller,
  directory: Inode,
  found: Inode,
): Errno | undefined {
  if ((directory.mode & STICKY) === 0 || found.uid === directory.uid || found.uid === caller.uid)
    return undefined;
  // The sysctl is about files only; symbolic links under O_NOFOLLOW and sockets are always refused.
  const level = found.kind === 'file' ? regular : 1;
  const isShared =
    (level > 0 && (directory.mode & OTHERS_WRITE) !== 0) ||
    (level > 1 && (directory.mode & GROUP_WRITE) !== 0);
  return isShared ? EACCES : undefined;
}
