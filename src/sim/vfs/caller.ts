import type { Description } from './description.ts';

/** What the filesystem needs to know about a process. */
export interface Caller {
  uid: number;
  gid: number;
  /** An absolute path. */
  cwd: string;
  umask: number;
  fds: Map<number, Description>;
  /** All descriptors are below this. */
  maxFds: number;
  /** Identifies it throughout a run, and how many inodes it has created: for numbers that do not depend on other processes. */
  index?: number;
  created?: number;
}

/** 0 to 2 are standard input, output and error. */
const FIRST_FD = 3;

/** The lowest free descriptor; -1 if all are taken. */
export function lowestFreeFd(caller: Caller): number {
  let fd = FIRST_FD;
  while (caller.fds.has(fd)) fd++;
  return fd < caller.maxFds ? fd : -1;
}

/** The superuser outside any process, for faults and setup. */
export const KERNEL: Caller = { uid: 0, gid: 0, cwd: '/', umask: 0, fds: new Map(), maxFds: 0 };
