import type { Handlers } from '../kernel/handler.ts';
import { closeListener, isListener } from './listeners.ts';
import { hangUp } from './sockets.ts';

type FileOperations =
  | ('open' | 'close' | 'read' | 'write' | 'ftruncate' | 'fsync' | 'fstat' | 'stat' | 'lstat' | 'access')
  | ('chmod' | 'fchmod' | 'chown' | 'utimes' | 'futimes')
  | ('link' | 'symlink' | 'readlink' | 'realpath' | 'rename' | 'unlink')
  | ('mkdir' | 'rmdir' | 'opendir' | 'readdir');

export const FILES: Handlers<FileOperations> = {
  open: ({ fs }, { process }, { path, flags, mode }) => fs.open(process, path, flags, mode),
  close: (machine, { process }, { fd }) => {
    const description = process.fds.get(fd);
    if (description === undefined) return hangUp(process, fd);
    process.fds.delete(fd);
    if (isListener(description)) return closeListener(machine, process, description, 'graceful');
    return machine.fs.closeDescription(description);
  },
  read: ({ fs }, { process }, { fd, length, position }) => fs.read(process, fd, length, position),
  write: ({ fs }, { process }, { fd, data, position }) => fs.write(process, fd, data, position),
  ftruncate: ({ fs }, { process }, { fd, length }) => fs.ftruncate(process, fd, length),
  fsync: ({ fs }, { process }, { fd }) => fs.fsync(process, fd),
  fstat: ({ fs }, { process }, { fd }) => fs.fstat(process, fd),
  stat: ({ fs }, { process }, { path }) => fs.stat(process, path),
  lstat: ({ fs }, { process }, { path }) => fs.lstat(process, path),
  access: ({ fs }, { process }, { path, mode }) => fs.access(process, path, mode),
  chmod: ({ fs }, { process }, { path, mode }) => fs.chmod(process, path, mode),
  fchmod: ({ fs }, { process }, { fd, mode }) => fs.fchmod(process, fd, mode),
  chown: ({ fs }, { process }, { path, uid, gid }) => fs.chown(process, path, uid, gid),
  utimes: ({ fs }, { process }, { path, atimeMs, mtimeMs }) => fs.utimes(process, path, atimeMs, mtimeMs),
  futimes: ({ fs }, { process }, { fd, atimeMs, mtimeMs }) => fs.futimes(process, fd, atimeMs, mtimeMs),
  link: ({ fs }, { process }, { from, to }) => fs.link(process, from, to),
  symlink: ({ fs }, { process }, { target, path }) => fs.symlink(process, target, path),
  readlink: ({ fs }, { process }, { path }) => fs.readlink(process, path),
  realpath: ({ fs }, { process }, { path }) => fs.realpath(process, path),
  rename: ({ fs }, { process }, { from, to }) => fs.rename(process, from, to),
  unlink: ({ fs }, { process }, { path }) => fs.unlink(process, path),
  mkdir: ({ fs }, { process }, { path, mode }) => fs.mkdir(process, path, mode),
  rmdir: ({ fs }, { process }, { path }) => fs.rmdir(process, path),
  opendir: ({ fs }, { process }, { path }) => fs.opendir(process, path),
  readdir: ({ fs }, { process }, { fd, prefix }) => fs.readdir(process, fd, prefix),
};
