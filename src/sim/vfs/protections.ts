import { EACCES, EPERM, type Errno } from '../base/errno.ts';
import type { Caller } from './caller.ts';
import type { Inode } from './inode.ts';
import { isOwner, may, R_OK, W_OK } from './permission.ts';

/** The sysctls `fs.protected_*` of Linux. They protect directories like /tmp, which contain lock files of several users. */
export interface Protections {
  /** A process that neither owns a file nor may read and write it gets EPERM from link. */
  hardlinks: boolean;
  /** In a sticky world-writable directory, a final symbolic link is followed only if the caller or the owner of the directory owns it. */
  symlinks: boolean;
  /**
   * In a sticky directory, open with O_CREAT fails for an existing file of another user, even for root: with 1 if the directory is
   * world-writable, with 2 also if it is group-writable.
   */
  regular: 0 | 1 | 2;
}

/** As set by systemd; the kernel's default is none. */
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
  // The sysctl applies only to files; symbolic links with O_NOFOLLOW and sockets are always rejected.
  const level = found.kind === 'file' ? regular : 1;
  const isShared =
    (level > 0 && (directory.mode & OTHERS_WRITE) !== 0) ||
    (level > 1 && (directory.mode & GROUP_WRITE) !== 0);
  return isShared ? EACCES : undefined;
}
