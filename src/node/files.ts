import fs from 'node:fs';
import { OPEN, type Operation, type OperationName, type ResultOf, type Stat } from '../ports/index.ts';
import { READ_LIMIT_BYTES } from '../ports/limits.ts';
import { atOnce } from './at-once.ts';
import type { Descriptors } from './descriptors.ts';
import { kindOf, opendir, readdir } from './directories.ts';
import { type Cancel, Failure, type Reply, settle, settleVoid } from './reply.ts';
import { streamAt } from './streams.ts';

/** Opening with one of these does not wait: not for a writer of a FIFO either. */
const NEVER_WAITS = OPEN.O_NONBLOCK | OPEN.O_DIRECTORY;
/** Opening with one of these changes something, which may wait for the disk. */
const CHANGES = OPEN.O_WRONLY | OPEN.O_RDWR | OPEN.O_CREAT | OPEN.O_TRUNC;

type Execute<Name extends OperationName> = (
  operation: Operation<Name>,
  reply: Reply<ResultOf<Name>>,
) => Cancel | void;
type FileOperation =
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'ftruncate'
  | 'fsync'
  | 'fstat'
  | 'stat'
  | 'lstat'
  | 'statfs'
  | 'access'
  | 'chmod'
  | 'fchmod'
  | 'chown'
  | 'utimes'
  | 'futimes'
  | 'link'
  | 'symlink'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'unlink'
  | 'mkdir'
  | 'rmdir'
  | 'opendir'
  | 'readdir';

/** The file operations of the table. Each is one call: what only looks at once, all others in libuv's thread pool. */
export function fileOperations(descriptors: Descriptors): {
  readonly [Name in FileOperation]: Execute<Name>;
} {
  /** Opened only to look. */
  const looking = new Set<number>();
  /** Opened by a path: reading waits only if it was opened so, even if it is a FIFO. */
  const opened = new Set<number>();
  const openedAs = (fd: number): number => {
    opened.add(fd);
    return fd;
  };
  return {
    open: ({ path, flags, mode }, reply) => {
      if ((flags & CHANGES) !== 0 || (flags & NEVER_WAITS) === 0)
        return fs.open(path, nativeFlags(flags), mode, (error, fd) => {
          if (error) reply.reject(error);
          else reply.resolve(openedAs(fd));
        });
      atOnce(reply, () => {
        const fd = openedAs(fs.openSync(path, nativeFlags(flags), mode));
        looking.add(fd);
        return fd;
      });
    },
    close: ({ fd }, reply) => {
      opened.delete(fd);
      const resource = descriptors.take(fd);
      if (resource !== undefined) resource.close(reply);
      else if (looking.delete(fd)) atOnce(reply, () => fs.closeSync(fd));
      else fs.close(fd, settleVoid(reply));
    },
    read: ({ fd, length, position }, reply) => {
      // Node reads nothing without looking at the descriptor.
      const stream = length === 0 || opened.has(fd) ? null : streamAt(descriptors, fd);
      if (stream !== null) {
        if (position !== null && position !== -1) throw new Failure('ESPIPE');
        return stream.read(length, reply);
      }
      const buffer = Buffer.allocUnsafe(Math.min(length, READ_LIMIT_BYTES));
      if (looking.has(fd))
        return atOnce(reply, () =>
          buffer.toString('latin1', 0, fs.readSync(fd, buffer, 0, buffer.length, position)),
        );
      return fs.read(fd, buffer, 0, buffer.length, position, (error, bytesRead) => {
        if (error) reply.reject(error);
        else reply.resolve(buffer.toString('latin1', 0, bytesRead));
      });
    },
    write: ({ fd, data, position }, reply) => {
      const stream = opened.has(fd) ? null : streamAt(descriptors, fd);
      if (stream !== null) {
        if (position !== null) throw new Failure('ESPIPE');
        return stream.write(data, reply);
      }
      const buffer = Buffer.from(data, 'latin1');
      return fs.write(fd, buffer, 0, buffer.length, position, settle(reply));
    },
    ftruncate: ({ fd, length }, reply) => fs.ftruncate(fd, length, settleVoid(reply)),
    fsync: ({ fd }, reply) => fs.fsync(fd, settleVoid(reply)),
    fstat: ({ fd }, reply) => atOnce(reply, () => statOf(fs.fstatSync(fd))),
    stat: ({ path }, reply) => atOnce(reply, () => statOf(fs.statSync(path))),
    lstat: ({ path }, reply) => atOnce(reply, () => statOf(fs.lstatSync(path))),
    statfs: ({ path }, reply) => atOnce(reply, () => ({ type: fs.statfsSync(path).type })),
    access: ({ path, mode }, reply) => atOnce(reply, () => fs.accessSync(path, mode)),
    chmod: ({ path, mode }, reply) => fs.chmod(path, mode, settleVoid(reply)),
    fchmod: ({ fd, mode }, reply) => fs.fchmod(fd, mode, settleVoid(reply)),
    chown: ({ path, uid, gid }, reply) => fs.chown(path, uid, gid, settleVoid(reply)),
    utimes: ({ path, atimeMs, mtimeMs }, reply) =>
      fs.utimes(path, seconds(atimeMs), seconds(mtimeMs), settleVoid(reply)),
    futimes: ({ fd, atimeMs, mtimeMs }, reply) =>
      fs.futimes(fd, seconds(atimeMs), seconds(mtimeMs), settleVoid(reply)),
    link: ({ from, to }, reply) => fs.link(from, to, settleVoid(reply)),
    symlink: ({ target, path }, reply) => fs.symlink(target, path, settleVoid(reply)),
    readlink: ({ path }, reply) => atOnce(reply, () => fs.readlinkSync(path)),
    realpath: ({ path }, reply) => atOnce(reply, () => fs.realpathSync.native(path)),
    rename: ({ from, to }, reply) => fs.rename(from, to, settleVoid(reply)),
    unlink: ({ path }, reply) => fs.unlink(path, settleVoid(reply)),
    mkdir: ({ path, mode }, reply) => fs.mkdir(path, { mode }, settleVoid(reply)),
    rmdir: ({ path }, reply) => fs.rmdir(path, settleVoid(reply)),
    opendir: (operation, reply) => opendir(descriptors, operation, reply),
    readdir: (operation, reply) => readdir(descriptors, operation, reply),
  };
}

/** Translates Linux's bits to those of this system: some differ between architectures, more on macOS. */
export function nativeFlags(flags: number): number {
  let rest = flags;
  let native = 0;
  for (const [name, bits] of Object.entries(OPEN)) {
    if (bits === 0 || (flags & bits) !== bits) continue;
    native |= fs.constants[name as keyof typeof OPEN];
    rest &= ~bits;
  }
  if (rest !== 0 && process.platform !== 'linux') throw new Failure('EINVAL');
  return native | rest;
}

/**
 * A double holds seconds to about 0.1 µs, and libuv before 1.52 (Node 24) then truncates to microseconds. So this adds a
 * little less than half a microsecond, and {@link statOf} rounds: whole microseconds are read back unchanged.
 */
export function seconds(ms: number): number {
  return (toMicroseconds(ms) + 0.0003) / 1000;
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function statOf(stats: fs.Stats): Stat {
  const { ino, nlink, uid, gid, mode, size } = stats;
  return {
    kind: kindOf(stats),
    ino,
    nlink,
    uid,
    gid,
    mode: mode & 0o7777,
    size,
    atimeMs: toMicroseconds(stats.atimeMs),
    mtimeMs: toMicroseconds(stats.mtimeMs),
    ctimeMs: toMicroseconds(stats.ctimeMs),
  };
}
