import { EACCES, ECONNREFUSED, Errno } from '../base/errno.ts';
import type { Caller } from './caller.ts';
import type { NamedSocket } from './inode.ts';
import { may, W_OK } from './permission.ts';
import type { Volume } from './volume.ts';
import { lookup } from './walk.ts';

/** What was bound to a name, as connect(2) finds it: it wants write permission, and refuses what is no socket. */
export function lookupSocket(volume: Volume, caller: Caller, path: string): NamedSocket | Errno {
  const inode = lookup(volume, caller, path, true);
  if (inode instanceof Errno) return inode;
  if (!may(caller, inode, W_OK)) return EACCES;
  return inode.socket ?? ECONNREFUSED;
}
