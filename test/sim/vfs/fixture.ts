import { type Bytes, OPEN } from '../../../src/ports/index.ts';
import { Errno } from '../../../src/sim/base/errno.ts';
import type { Caller, FileSystemOptions } from '../../../src/sim/vfs/index.ts';
import { PosixFileSystem } from './posix.ts';

/** Set to a test's liking; a new filesystem does not reset it. */
export const clock = { ms: 1_700_000_000_000 };

export function newFileSystem(options: Partial<FileSystemOptions> = {}): PosixFileSystem {
  return new PosixFileSystem({ wallMs: () => clock.ms, ...options });
}

export function newCaller(overrides: Partial<Caller> = {}): Caller {
  return { uid: 0, gid: 0, cwd: '/', umask: 0o022, fds: new Map(), maxFds: 1024, ...overrides };
}

/** The value of an operation that must succeed. */
export function ok<T>(result: T | Errno): T {
  if (result instanceof Errno) throw new Error(`unexpected ${result.code}`);
  return result;
}

/** The code of an operation, or what it gave instead of one. */
export function code(result: unknown): unknown {
  return result instanceof Errno ? result.code : result;
}

export function writeFile(fs: PosixFileSystem, caller: Caller, path: string, bytes: Bytes, flags = 0): void {
  const fd = ok(fs.open(caller, path, OPEN.O_WRONLY | OPEN.O_CREAT | OPEN.O_TRUNC | flags, 0o666));
  ok(fs.write(caller, fd, bytes, null));
  ok(fs.close(caller, fd));
}

export function readFile(fs: PosixFileSystem, caller: Caller, path: string): Bytes {
  const fd = ok(fs.open(caller, path, OPEN.O_RDONLY, 0));
  const bytes = ok(fs.read(caller, fd, 1 << 20, 0));
  ok(fs.close(caller, fd));
  return bytes;
}

/** All names of a directory in the order in which it gives them. */
export function readNames(fs: PosixFileSystem, caller: Caller, path: string, prefix = ''): string[] | Errno {
  const fd = fs.opendir(caller, path);
  if (fd instanceof Errno) return fd;
  const names: string[] = [];
  for (;;) {
    const entries = ok(fs.readdir(caller, fd, prefix));
    if (entries.length === 0) break;
    for (const { name } of entries) names.push(name);
  }
  ok(fs.close(caller, fd));
  return names;
}
