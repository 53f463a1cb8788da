import type { Bytes } from '../../../src/ports/index.ts';
import { type Caller, FileSystem } from '../../../src/sim/vfs/index.ts';

/** A file system with each call as a method that takes its arguments in the order of POSIX: tests make many of them. */
export class PosixFileSystem extends FileSystem {
  open(caller: Caller, path: string, flags: number, mode: number) {
    return this.call(caller, { op: 'open', path, flags, mode });
  }

  close(caller: Caller, fd: number) {
    return this.call(caller, { op: 'close', fd });
  }

  read(caller: Caller, fd: number, length: number, position: number | null) {
    return this.call(caller, { op: 'read', fd, length, position });
  }

  write(caller: Caller, fd: number, data: Bytes, position: number | null) {
    return this.call(caller, { op: 'write', fd, data, position });
  }

  ftruncate(caller: Caller, fd: number, length: number) {
    return this.call(caller, { op: 'ftruncate', fd, length });
  }

  fsync(caller: Caller, fd: number) {
    return this.call(caller, { op: 'fsync', fd });
  }

  fstat(caller: Caller, fd: number) {
    return this.call(caller, { op: 'fstat', fd });
  }

  stat(caller: Caller, path: string) {
    return this.call(caller, { op: 'stat', path });
  }

  lstat(caller: Caller, path: string) {
    return this.call(caller, { op: 'lstat', path });
  }

  access(caller: Caller, path: string, mode: number) {
    return this.call(caller, { op: 'access', path, mode });
  }

  chmod(caller: Caller, path: string, mode: number) {
    return this.call(caller, { op: 'chmod', path, mode });
  }

  fchmod(caller: Caller, fd: number, mode: number) {
    return this.call(caller, { op: 'fchmod', fd, mode });
  }

  chown(caller: Caller, path: string, uid: number, gid: number) {
    return this.call(caller, { op: 'chown', path, uid, gid });
  }

  utimes(caller: Caller, path: string, atimeMs: number, mtimeMs: number) {
    return this.call(caller, { op: 'utimes', path, atimeMs, mtimeMs });
  }

  futimes(caller: Caller, fd: number, atimeMs: number, mtimeMs: number) {
    return this.call(caller, { op: 'futimes', fd, atimeMs, mtimeMs });
  }

  link(caller: Caller, from: string, to: string) {
    return this.call(caller, { op: 'link', from, to });
  }

  symlink(caller: Caller, target: string, path: string) {
    return this.call(caller, { op: 'symlink', target, path });
  }

  readlink(caller: Caller, path: string) {
    return this.call(caller, { op: 'readlink', path });
  }

  realpath(caller: Caller, path: string) {
    return this.call(caller, { op: 'realpath', path });
  }

  rename(caller: Caller, from: string, to: string) {
    return this.call(caller, { op: 'rename', from, to });
  }

  unlink(caller: Caller, path: string) {
    return this.call(caller, { op: 'unlink', path });
  }

  mkdir(caller: Caller, path: string, mode: number) {
    return this.call(caller, { op: 'mkdir', path, mode });
  }

  rmdir(caller: Caller, path: string) {
    return this.call(caller, { op: 'rmdir', path });
  }

  opendir(caller: Caller, path: string) {
    return this.call(caller, { op: 'opendir', path });
  }

  readdir(caller: Caller, fd: number, prefix = '') {
    return this.call(caller, { op: 'readdir', fd, prefix });
  }
}
