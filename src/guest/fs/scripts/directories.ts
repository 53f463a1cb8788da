/** Calls on directories: mkdir, readdir, rm and the like. */
import { posix } from 'node:path';
import { hasCode, type ResultOf, SystemError } from '../../../ports/index.ts';
import type { Script } from '../../script.ts';
import { coded, invalidType, type Options, tell, toMode, toOptions, toPath } from '../arguments.ts';
import { Dirent } from '../stats.ts';
import { ask, type Context, closing } from './ask.ts';

/** With `recursive`: mkdir; if the parent is missing, first the parent; if the name exists, stat. */
export function* mkdir(path: unknown, options?: unknown): Script<string | undefined> {
  const { recursive, mode } = toOptions(options, 'mode');
  const name = toPath(path);
  const bits = toMode(mode, 0o777);
  if (!recursive) {
    yield* ask({ op: 'mkdir', path: name, mode: bits });
    return undefined;
  }
  let first: string | undefined;
  const as = { syscall: 'mkdir', path: name };
  const stack = [name];
  while (stack.length > 0) {
    const next = stack.pop()!;
    try {
      yield* ask({ op: 'mkdir', path: next, mode: bits }, as);
      first ??= next;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) {
        const parent = posix.dirname(next);
        if (parent === next) throw error;
        stack.push(next, parent);
        continue;
      }
      if (['EACCES', 'ENOSPC', 'ENOTDIR', 'EPERM'].some((code) => hasCode(error, code as 'EPERM')))
        throw error;
      const { kind } = yield* ask({ op: 'stat', path: next }, as);
      if (kind === 'directory') continue;
      if (hasCode(error, 'EEXIST') && stack.length > 0) {
        throw new SystemError('ENOTDIR', { op: 'mkdir', path: name, mode: bits });
      }
      throw error;
    }
  }
  return first;
}

/** `recursive` behaves like {@link rm}, as in the versions of Node that still have it. */
export function* rmdir(path: unknown, options?: unknown): Script<void> {
  const name = toPath(path);
  if (toOptions(options).recursive) yield* remove(name);
  else yield* ask({ op: 'rmdir', path: name });
}

/** opendir, readdir until it returns nothing, close. Like Node, it does not sort. */
export function* readdir(path: unknown, options?: unknown): Script<(string | Buffer | Dirent)[]> {
  const name = toPath(path);
  const { withFileTypes, recursive } = toOptions(options);
  const found: (string | Buffer | Dirent)[] = [];
  const pending = [''];
  for (let under = pending.shift(); under !== undefined; under = pending.shift()) {
    const folder = under === '' ? name : `${name}/${under}`;
    for (const entry of yield* entriesOf(folder)) {
      const below = under === '' ? entry.name : `${under}/${entry.name}`;
      if (recursive && entry.kind === 'directory') pending.push(below);
      found.push(withFileTypes ? new Dirent(entry, tell(entry.name, options), folder) : tell(below, options));
    }
  }
  return found;
}

/** @throws Node's errors for invalid options */
export function* opendir(path: unknown, options?: unknown): Script<OpenDirectory> {
  const name = toPath(path);
  const { recursive, bufferSize = 32 } = toOptions(options) as Options & { bufferSize?: unknown };
  if (typeof bufferSize !== 'number') throw invalidType('options.bufferSize', 'of type number', bufferSize);
  if (!(bufferSize >= 1 && bufferSize <= 0xffff_ffff)) {
    const expected = '>= 1 && <= 4294967295';
    const text = `The value of "options.bufferSize" is out of range. It must be ${expected}. Received ${bufferSize}`;
    throw coded(new RangeError(text), 'ERR_OUT_OF_RANGE');
  }
  if (recursive)
    throw new Error('a simulated process cannot open a directory recursively: use readdir with recursive');
  return { path: name, fd: yield* ask({ op: 'opendir', path: name }), options };
}

export interface OpenDirectory {
  readonly path: string;
  readonly fd: number;
  readonly options: unknown;
}

/** Empty at the end. */
export function readEntries(fd: number): Script<ResultOf<'readdir'>> {
  return ask({ op: 'readdir', fd });
}

export function* entriesOf(path: string): Script<ResultOf<'readdir'>> {
  const fd = yield* ask({ op: 'opendir', path }, { syscall: 'scandir' });
  return yield* closing(
    fd,
    (function* () {
      const all: ResultOf<'readdir'> = [];
      for (;;) {
        const some = yield* ask({ op: 'readdir', fd }, { syscall: 'scandir', path });
        if (some.length === 0) return all;
        all.push(...some);
      }
    })(),
  );
}

/** lstat; then unlink, or rmdir and, if the directory is not empty, its children one by one and rmdir again. */
export function* rm(path: unknown, options?: unknown): Script<void> {
  const name = toPath(path);
  const { recursive, force } = toOptions(options);
  let kind: string;
  try {
    ({ kind } = yield* ask({ op: 'lstat', path: name }));
  } catch (error) {
    if (force && hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if (kind === 'directory' && !recursive) {
    const error = new Error(`Path is a directory: rm returned EISDIR (is a directory) ${name}`);
    throw Object.assign(error, { code: 'ERR_FS_EISDIR', errno: 21, syscall: 'rm', path: name });
  }
  yield* remove(name);
}

export function* remove(path: string): Script<void> {
  let kind: string;
  try {
    ({ kind } = yield* ask({ op: 'lstat', path }));
    if (kind !== 'directory') {
      yield* ask({ op: 'unlink', path });
      return;
    }
    yield* ask({ op: 'rmdir', path });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    for (const { name } of yield* entriesOf(path)) yield* remove(`${path}/${name}`);
    yield* ask({ op: 'rmdir', path });
  }
}

/** mkdir with six random characters, repeated while the name exists. */
export function* mkdtemp(
  { randomHex }: Context,
  prefix: unknown,
  options?: unknown,
): Script<string | Buffer> {
  const start = toPath(prefix, 'prefix');
  for (;;) {
    const path = `${start}${randomHex(3)}`;
    try {
      yield* ask({ op: 'mkdir', path, mode: 0o700 }, { syscall: 'mkdtemp', path: `${start}XXXXXX` });
      return tell(path, options);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}
