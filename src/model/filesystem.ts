/**
 * Which filesystems a single kernel has to itself. There a Unix socket is what it says, and a claim of another boot is of one that is over.
 * On those that several kernels share, by a network or between a virtual machine and its host, neither holds.
 *
 * The numbers are those that statfs(2) gives on Linux, from linux/magic.h and the manual page statfs(2); of ZFS, bcachefs, Parallels,
 * VMware, VirtualBox and Lustre from their own sources. Other systems have other numbers, and none of these.
 */
import { isSystemError, type Ports } from '../ports/index.ts';

/** `unknown`: of a type in neither list, or of another system than Linux. */
export type Extent = 'local' | 'shared' | 'unknown';

const LOCAL: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0xf2f52010, 'f2fs'],
  [0xca451a4e, 'bcachefs'],
  [0x2fc12fc1, 'zfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x794c7630, 'overlay'],
  [0x3153464a, 'jfs'],
  [0x52654973, 'reiserfs'],
  [0x3434, 'nilfs'],
]);

const SHARED: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  // Also virtiofs, and what desktops share with their virtual machines by it.
  [0x65735546, 'fuse'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
  [0x6b414653, 'afs'],
  [0x73757245, 'coda'],
  [0x01161970, 'gfs2'],
  [0x7461636f, 'ocfs2'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x786f4256, 'vboxsf'],
  [0x7c7c6673, 'prl_fs'],
  [0xbacbacbc, 'vmhgfs'],
]);

export function extentOf(type: number): Extent {
  if (LOCAL.has(type)) return 'local';
  return SHARED.has(type) ? 'shared' : 'unknown';
}

/** For messages. */
export function nameOf(type: number): string {
  return LOCAL.get(type) ?? SHARED.get(type) ?? `of type 0x${type.toString(16)}`;
}

/** The number of the type of the filesystem; 0 if the system does not give it. */
export async function typeOf(fs: Ports['fs'], directory: string): Promise<number> {
  try {
    // On 32-bit machines large ones are negative.
    return (await fs.statfs(directory)).type >>> 0;
  } catch (error) {
    if (isSystemError(error)) return 0;
    throw error;
  }
}
