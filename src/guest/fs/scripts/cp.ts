/** `fs.cp`: a file, a symbolic link, or with `recursive` a folder, copied by the calls that it consists of in Node. */
import { posix } from 'node:path';
import { hasCode, type Stat } from '../../../ports/index.ts';
import type { Script } from '../../script.ts';
import { coded, invalidType, toOptions, toPath } from '../arguments.ts';
import { ask } from './ask.ts';
import { entriesOf, mkdir, remove } from './directories.ts';
import { copyFile } from './whole-files.ts';

interface CopyOptions {
  readonly dereference: boolean;
  readonly errorOnExist: boolean;
  readonly force: boolean;
  readonly preserveTimestamps: boolean;
  readonly recursive: boolean;
  readonly verbatimSymlinks: boolean;
  readonly mode: number;
  readonly filter: ((from: string, to: string) => unknown) | null;
}

export function* cp(from: unknown, to: unknown, options?: unknown): Script<void> {
  const given = optionsOf(options);
  yield* copy(toPath(from, 'src'), toPath(to, 'dest'), given, true);
}

function optionsOf(options: unknown): CopyOptions {
  const given = toOptions(options);
  const { filter, mode = 0 } = given;
  if (filter !== undefined && typeof filter !== 'function')
    throw invalidType('options.filter', 'of type function', filter);
  return {
    ...{ dereference: Boolean(given.dereference), errorOnExist: Boolean(given.errorOnExist) },
    ...{ force: given.force !== false, preserveTimestamps: Boolean(given.preserveTimestamps) },
    ...{ recursive: Boolean(given.recursive), verbatimSymlinks: Boolean(given.verbatimSymlinks) },
    ...{ mode: Number(mode), filter: (filter as CopyOptions['filter']) ?? null },
  };
}

function* copy(from: string, to: string, options: CopyOptions, isTop: boolean): Script<void> {
  if (options.filter !== null) {
    const wanted = options.filter(from, to);
    if (wanted instanceof Promise)
      throw new Error('fs.cp: a filter that returns a promise is not simulated: return a boolean');
    if (!wanted) return;
  }
  const op = options.dereference ? 'stat' : 'lstat';
  const source = yield* ask({ op, path: from }, { syscall: 'cp' });
  const dest = yield* statOrNull(op, to);
  if (source.kind === 'directory' && !options.recursive)
    throw failure('ERR_FS_EISDIR', 'Recursive option not enabled, cannot copy a directory', 'EISDIR', from);
  check(source, dest, from, to);
  if (isTop) yield* mkdir(posix.dirname(to), { recursive: true });
  if (source.kind === 'directory') yield* copyFolder(from, to, source, dest, options);
  else if (source.kind === 'symlink') yield* copyLink(from, to, dest, options);
  else if (source.kind === 'file') yield* copyContent(from, to, source, dest, options);
  else throw failure('ERR_FS_CP_SOCKET', `cannot copy a ${source.kind} file`, 'EINVAL', to);
}

function check(source: Stat, dest: Stat | null, from: string, to: string): void {
  if (dest !== null) {
    if (dest.ino === source.ino)
      throw failure('ERR_FS_CP_EINVAL', 'src and dest cannot be the same', 'EINVAL', to);
    if (source.kind === 'directory' && dest.kind !== 'directory')
      throw failure('ERR_FS_CP_DIR_TO_NON_DIR', `cannot overwrite non-directory ${to}`, 'EISDIR', to);
    if (source.kind !== 'directory' && dest.kind === 'directory')
      throw failure('ERR_FS_CP_NON_DIR_TO_DIR', `cannot overwrite directory ${to}`, 'ENOTDIR', to);
  }
  if (source.kind === 'directory' && `${posix.resolve('/', to)}/`.startsWith(`${posix.resolve('/', from)}/`))
    throw failure('ERR_FS_CP_EINVAL', `cannot copy ${from} to a subdirectory of self`, 'EINVAL', to);
}

function* copyFolder(
  from: string,
  to: string,
  source: Stat,
  dest: Stat | null,
  options: CopyOptions,
): Script<void> {
  if (dest === null) yield* mkdir(to);
  for (const { name } of yield* entriesOf(from))
    yield* copy(posix.join(from, name), posix.join(to, name), options, false);
  if (dest === null) yield* ask({ op: 'chmod', path: to, mode: source.mode });
}

function* copyLink(from: string, to: string, dest: Stat | null, options: CopyOptions): Script<void> {
  const target = yield* ask({ op: 'readlink', path: from });
  if (dest !== null) yield* remove(to);
  const isKept = options.verbatimSymlinks || target.startsWith('/');
  const shown = isKept ? target : posix.resolve(posix.dirname(from), target);
  yield* ask({ op: 'symlink', target: shown, path: to });
}

function* copyContent(
  from: string,
  to: string,
  source: Stat,
  dest: Stat | null,
  options: CopyOptions,
): Script<void> {
  if (dest !== null) {
    if (options.errorOnExist && !options.force)
      throw failure('ERR_FS_CP_EEXIST', `${to} already exists`, 'EEXIST', to);
    if (!options.force) return;
    yield* ask({ op: 'unlink', path: to });
  }
  yield* copyFile(from, to, options.mode);
  if (options.preserveTimestamps)
    yield* ask({ op: 'utimes', path: to, atimeMs: source.atimeMs, mtimeMs: source.mtimeMs });
}

function* statOrNull(op: 'stat' | 'lstat', path: string): Script<Stat | null> {
  try {
    return yield* ask({ op, path });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function failure(code: string, message: string, system: string, path: string): Error {
  const text = `${message}: cp returned ${system} (${message}) ${path}`;
  return Object.assign(coded(new Error(text), code), { syscall: 'cp', path });
}
