import {
  access,
  chmod,
  chown,
  fchmod,
  fstat,
  futimes,
  lstat,
  readlink,
  realpath,
  stat,
  statfs,
  utimes,
} from './attributes.ts';
import { fsync, ftruncate, read, write } from './content.ts';
import { opendir, readdir } from './directory.ts';
import type { FileCall } from './file-call.ts';
import { link, mkdir, rmdir, symlink, unlink } from './names.ts';
import { close, open } from './open.ts';
import { rename } from './rename.ts';

/** The operations that a file system carries out. */
export type FileOperation =
  | ('open' | 'close' | 'read' | 'write' | 'ftruncate' | 'fsync' | 'fstat' | 'stat' | 'lstat' | 'access')
  | 'statfs'
  | ('chmod' | 'fchmod' | 'chown' | 'utimes' | 'futimes')
  | ('link' | 'symlink' | 'readlink' | 'realpath' | 'rename' | 'unlink')
  | ('mkdir' | 'rmdir' | 'opendir' | 'readdir');

export const FILE_CALLS: { readonly [Name in FileOperation]: FileCall<Name> } = {
  ...{ open, close, read, write, ftruncate, fsync, fstat, stat, lstat, statfs, access },
  ...{ chmod, fchmod, chown, utimes, futimes },
  ...{ link, symlink, readlink, realpath, rename, unlink },
  ...{ mkdir, rmdir, opendir, readdir },
};

export const FILE_OPERATIONS = Object.keys(FILE_CALLS) as readonly FileOperation[];
