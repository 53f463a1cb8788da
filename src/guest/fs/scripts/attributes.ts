/** Calls that read or change the attributes of a file: stat, access, chmod, utimes and the like. */
import type { Operation } from '../../../ports/index.ts';
import type { Script } from '../../script.ts';
import { toFd, toMode, toOptions, toPath, toTimeMs } from '../arguments.ts';
import { BigIntStats, Stats } from '../stats.ts';
import { ask, type Context } from './ask.ts';

export function* statsOf(
  operation: Operation<'stat' | 'lstat' | 'fstat'>,
  options: unknown,
): Script<Stats | BigIntStats> {
  const { bigint } = toOptions(options);
  const stat = yield* ask(operation);
  return bigint ? new BigIntStats(stat) : new Stats(stat);
}

export function stat(path: unknown, options?: unknown): Script<Stats | BigIntStats> {
  return statsOf({ op: 'stat', path: toPath(path) }, options);
}

export function lstat(path: unknown, options?: unknown): Script<Stats | BigIntStats> {
  return statsOf({ op: 'lstat', path: toPath(path) }, options);
}

export function access(path: unknown, mode?: unknown): Script<void> {
  return ask({ op: 'access', path: toPath(path), mode: toMode(mode, 0) });
}

export function* exists(path: unknown): Script<boolean> {
  try {
    yield* access(path);
    return true;
  } catch {
    return false;
  }
}

export function chmod(path: unknown, mode: unknown): Script<void> {
  return ask({ op: 'chmod', path: toPath(path), mode: toMode(mode, 0) });
}

export function fchmod(fd: unknown, mode: unknown): Script<void> {
  return ask({ op: 'fchmod', fd: toFd(fd), mode: toMode(mode, 0) });
}

export function chown(path: unknown, uid: unknown, gid: unknown): Script<void> {
  return ask({ op: 'chown', path: toPath(path), uid: uid as number, gid: gid as number });
}

export function utimes({ wallMs }: Context, path: unknown, atime: unknown, mtime: unknown): Script<void> {
  return ask(
    {
      op: 'utimes',
      path: toPath(path),
      atimeMs: toTimeMs(atime, 'atime', wallMs),
      mtimeMs: toTimeMs(mtime, 'mtime', wallMs),
    },
    { syscall: 'utime' },
  );
}

export function futimes({ wallMs }: Context, fd: unknown, atime: unknown, mtime: unknown): Script<void> {
  const number = toFd(fd);
  const atimeMs = toTimeMs(atime, 'atime', wallMs);
  const mtimeMs = toTimeMs(mtime, 'mtime', wallMs);
  return ask({ op: 'futimes', fd: number, atimeMs, mtimeMs }, { syscall: 'futime' });
}
