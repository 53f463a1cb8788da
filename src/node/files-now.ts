/** File operations that happen at once, for programs that call synchronously: the same calls as in files.ts, without the event loop. */
import fs from 'node:fs';
import type { Operation, OperationName } from '../ports/index.ts';
import { READ_LIMIT_BYTES } from '../ports/limits.ts';
import { nativeFlags, seconds, statOf } from './files.ts';

type Now = { readonly [Name in OperationName]?: (operation: Operation<Name>) => unknown };

const NOW: Now = {
  open: ({ path, flags, mode }) => fs.openSync(path, nativeFlags(flags), mode),
  opendir: ({ path }) => fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY),
  close: ({ fd }) => fs.closeSync(fd),
  read: ({ fd, length, position }) => {
    const buffer = Buffer.allocUnsafe(Math.min(length, READ_LIMIT_BYTES));
    return buffer.toString('latin1', 0, fs.readSync(fd, buffer, 0, buffer.length, position));
  },
  write: ({ fd, data, position }) => {
    const buffer = Buffer.from(data, 'latin1');
    return fs.writeSync(fd, buffer, 0, buffer.length, position);
  },
  ftruncate: ({ fd, length }) => fs.ftruncateSync(fd, length),
  fsync: ({ fd }) => fs.fsyncSync(fd),
  fstat: ({ fd }) => statOf(fs.fstatSync(fd)),
  stat: ({ path }) => statOf(fs.statSync(path)),
  lstat: ({ path }) => statOf(fs.lstatSync(path)),
  statfs: ({ path }) => ({ type: fs.statfsSync(path).type }),
  access: ({ path, mode }) => fs.accessSync(path, mode),
  chmod: ({ path, mode }) => fs.chmodSync(path, mode),
  fchmod: ({ fd, mode }) => fs.fchmodSync(fd, mode),
  chown: ({ path, uid, gid }) => fs.chownSync(path, uid, gid),
  utimes: ({ path, atimeMs, mtimeMs }) => fs.utimesSync(path, seconds(atimeMs), seconds(mtimeMs)),
  futimes: ({ fd, atimeMs, mtimeMs }) => fs.futimesSync(fd, seconds(atimeMs), seconds(mtimeMs)),
  link: ({ from, to }) => fs.linkSync(from, to),
  symlink: ({ target, path }) => fs.symlinkSync(target, path),
  readlink: ({ path }) => fs.readlinkSync(path),
  realpath: ({ path }) => fs.realpathSync.native(path),
  rename: ({ from, to }) => fs.renameSync(from, to),
  unlink: ({ path }) => fs.unlinkSync(path),
  mkdir: ({ path, mode }) => {
    fs.mkdirSync(path, { mode });
  },
  rmdir: ({ path }) => fs.rmdirSync(path),
};

/** Which operations there are. */
export const FILE_OPERATIONS_NOW = Object.keys(NOW) as readonly OperationName[];

/** @throws the error of Node, also if the operation cannot happen at once */
export function fileOperationNow(operation: Operation): unknown {
  const now = NOW[operation.op] as ((operation: Operation) => unknown) | undefined;
  if (now === undefined) throw new Error(`${operation.op} is no operation that happens at once`);
  return now(operation);
}
