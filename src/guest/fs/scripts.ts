import {
  hasCode,
  type Operation,
  type OperationName,
  type ResultOf,
  SystemError,
} from '../../ports/index.ts';
import type { Script } from '../script.ts';
import {
  coded,
  encodingOf,
  fromBytes,
  invalidType,
  type Options,
  tell,
  toBytes,
  toFd,
  toFlags,
  toMode,
  toOptions,
  toPath,
  toTimeMs,
} from './arguments.ts';
import { CONSTANTS } from './constants.ts';
import { BigIntStats, Dirent, Stats } from './stats.ts';

/** What a call needs of its process besides operations. */
export interface Context {
  wallMs(): number;
  randomHex(bytes: number): string;
}

/** Read at most so much at once from a file of known size, and of unknown size: as Node does. */
const READ_CHUNK_BYTES = 512 * 1024;
const READ_UNKNOWN_BYTES = 64 * 1024;

/** One operation; its error under the name, and of the path, that Node gives it. */
function* ask<Name extends OperationName>(
  operation: Operation<Name>,
  as?: { syscall?: string; path?: string },
): Script<ResultOf<Name>> {
  try {
    return (yield operation as Operation) as ResultOf<Name>;
  } catch (error) {
    if (as !== undefined && error instanceof SystemError) Object.assign(error, as);
    throw error;
  }
}

/** Whatever happens, the descriptor is closed; an error of the work goes before one of close. */
function* closing<T>(fd: number, work: Script<T>): Script<T> {
  let result: T;
  try {
    result = yield* work;
  } catch (error) {
    yield* quietly({ op: 'close', fd });
    throw error;
  }
  yield* ask({ op: 'close', fd });
  return result;
}

// Descriptors.

export function open(path: unknown, flags: unknown = 'r', mode?: unknown): Script<number> {
  return ask({ op: 'open', path: toPath(path), flags: toFlags(flags), mode: toMode(mode, 0o666) });
}

export function close(fd: unknown): Script<void> {
  return ask({ op: 'close', fd: toFd(fd) });
}

export interface ReadResult {
  bytesRead: number;
  buffer: ArrayBufferView;
}

/** `read(fd, buffer, offset, length, position)`, `read(fd, buffer, options)`, `read(fd, options)`, `read(fd)`. */
export function* read(fd: unknown, ...args: unknown[]): Script<ReadResult> {
  const number = toFd(fd);
  let [buffer, offset, length, position] = args;
  if (buffer === undefined || buffer === null || !ArrayBuffer.isView(buffer)) {
    ({ buffer = Buffer.alloc(16_384), offset, length, position } = toOptions(buffer) as Options);
  } else if (typeof offset === 'object' && offset !== null) {
    ({ offset, length, position } = offset as Options);
  }
  if (!ArrayBuffer.isView(buffer)) {
    throw invalidType('buffer', 'an instance of Buffer, TypedArray, or DataView', buffer);
  }
  const from = typeof offset === 'number' ? offset : 0;
  const wanted = typeof length === 'number' ? length : buffer.byteLength - from;
  if (from < 0 || wanted < 0 || from + wanted > buffer.byteLength) {
    const error = new RangeError(
      `The value of "length" is out of range. It must be <= ${buffer.byteLength - from}. Received ${wanted}`,
    );
    throw coded(error, 'ERR_OUT_OF_RANGE');
  }
  if (wanted === 0) return { bytesRead: 0, buffer };
  const bytes = yield* ask({ op: 'read', fd: number, length: wanted, position: toPosition(position) });
  Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength).write(bytes, from, 'latin1');
  return { bytesRead: bytes.length, buffer };
}

export interface WriteResult {
  bytesWritten: number;
  buffer: unknown;
}

/** `write(fd, buffer, offset, length, position)`, `write(fd, buffer, options)`, `write(fd, text, position, encoding)`. */
export function* write(fd: unknown, data: unknown, ...args: unknown[]): Script<WriteResult> {
  const number = toFd(fd);
  if (typeof data === 'string') {
    const [position, encoding] = args;
    const bytes = toBytes(data, encodingOf({ encoding }, 'utf8'));
    const bytesWritten = yield* ask({ op: 'write', fd: number, data: bytes, position: toPosition(position) });
    return { bytesWritten, buffer: data };
  }
  let [offset, length, position] = args;
  if (typeof offset === 'object' && offset !== null) ({ offset, length, position } = offset as Options);
  const whole = toBytes(data, null, 'buffer');
  const from = typeof offset === 'number' ? offset : 0;
  const bytes = whole.slice(from, typeof length === 'number' ? from + length : undefined);
  const bytesWritten = yield* ask({ op: 'write', fd: number, data: bytes, position: toPosition(position) });
  return { bytesWritten, buffer: data };
}

function toPosition(position: unknown): number | null {
  if (typeof position === 'bigint') return position < 0n ? null : Number(position);
  return typeof position === 'number' && position >= 0 ? position : null;
}

export function fstat(fd: unknown, options?: unknown): Script<Stats | BigIntStats> {
  return statsOf({ op: 'fstat', fd: toFd(fd) }, options);
}

export function ftruncate(fd: unknown, length: unknown = 0): Script<void> {
  return ask({ op: 'ftruncate', fd: toFd(fd), length: Math.max(0, Number(length ?? 0)) });
}

/** As fdatasync: the machine makes no difference. */
export function fsync(fd: unknown): Script<void> {
  return ask({ op: 'fsync', fd: toFd(fd) });
}

// Attributes.

function* statsOf(
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
  return ask({ op: 'chown', path: toPath(path), uid: Number(uid), gid: Number(gid) });
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

// Names.

export function link(from: unknown, to: unknown): Script<void> {
  return ask({ op: 'link', from: toPath(from, 'existingPath'), to: toPath(to, 'newPath') });
}

export function symlink(target: unknown, path: unknown): Script<void> {
  return ask({ op: 'symlink', target: toPath(target, 'target'), path: toPath(path) });
}

export function* readlink(path: unknown, options?: unknown): Script<string | Buffer> {
  return tell(yield* ask({ op: 'readlink', path: toPath(path) }), options);
}

export function rename(from: unknown, to: unknown): Script<void> {
  return ask({ op: 'rename', from: toPath(from, 'oldPath'), to: toPath(to, 'newPath') });
}

export function unlink(path: unknown): Script<void> {
  return ask({ op: 'unlink', path: toPath(path) });
}

/** One realpath(3). */
export function* realpathNative(path: unknown, options?: unknown): Script<string | Buffer> {
  return tell(yield* ask({ op: 'realpath', path: toPath(path) }), options);
}

/** Node's own: an lstat for each part of the path; for a symbolic link also stat and readlink. */
export function* realpath(cwd: string, path: unknown, options?: unknown): Script<string | Buffer> {
  let rest = partsOf(joined(cwd, toPath(path)));
  let at = '';
  for (let links = 0; rest.length > 0; ) {
    const base = `${at}/${rest.shift()}`;
    const { kind } = yield* ask({ op: 'lstat', path: base });
    if (kind !== 'symlink') {
      at = base;
      continue;
    }
    yield* ask({ op: 'stat', path: base });
    const target = yield* ask({ op: 'readlink', path: base });
    // Node would go on for ever; the stat before fails with ELOOP.
    if (++links > 40) break;
    rest = [...partsOf(joined(at === '' ? '/' : at, target)), ...rest];
    at = '';
  }
  return tell(at === '' ? '/' : at, options);
}

function joined(base: string, path: string): string {
  return path.startsWith('/') ? path : `${base}/${path}`;
}

function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

// Directories.

/** With `recursive`: mkdir; if the parent is missing, the parent first; if the name is there, stat. */
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
        const parent = parentOf(next);
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

function parentOf(path: string): string {
  const at = path.replace(/\/+$/, '').lastIndexOf('/');
  return at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at);
}

/** `recursive` is {@link rm}'s, as in the versions of Node that still have it. */
export function* rmdir(path: unknown, options?: unknown): Script<void> {
  const name = toPath(path);
  if (toOptions(options).recursive) yield* remove(name);
  else yield* ask({ op: 'rmdir', path: name });
}

/** opendir, readdir until it is empty, close. Node sorts nothing. */
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

/** @throws what Node says of options that it does not take */
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
    throw new Error('a simulated process cannot open a directory recursively: read it so instead');
  return { path: name, fd: yield* ask({ op: 'opendir', path: name }), options };
}

export interface OpenDirectory {
  readonly path: string;
  readonly fd: number;
  readonly options: unknown;
}

/** None: no more. */
export function readEntries(fd: number): Script<ResultOf<'readdir'>> {
  return ask({ op: 'readdir', fd });
}

function* entriesOf(path: string): Script<ResultOf<'readdir'>> {
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

function* remove(path: string): Script<void> {
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

/** mkdir under six random characters, again while there is such a name. */
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

// Whole files.

/** open, fstat, read until the size is reached or, when the file tells none, until the end; close. */
export function* readFile(file: unknown, options?: unknown): Script<string | Buffer> {
  const given = toOptions(options);
  const encoding = encodingOf(given, null);
  const bytes =
    typeof file === 'number' ? yield* readAll(toFd(file)) : yield* readPath(file, given.flag ?? 'r');
  return fromBytes(bytes, encoding);
}

function* readPath(path: unknown, flag: unknown): Script<string> {
  const fd = yield* open(path, flag);
  return yield* closing(fd, readAll(fd));
}

function* readAll(fd: number): Script<string> {
  const { size, kind } = yield* ask({ op: 'fstat', fd });
  const known = kind === 'file' ? size : 0;
  let bytes = '';
  for (;;) {
    const length = known === 0 ? READ_UNKNOWN_BYTES : Math.min(READ_CHUNK_BYTES, known - bytes.length);
    const chunk = yield* ask({ op: 'read', fd, length, position: null });
    bytes += chunk;
    if (chunk.length === 0 || (known !== 0 && bytes.length >= known)) return bytes;
  }
}

/** open (which empties the file under the flag `w`), write until all is written, close. */
export function* writeFile(file: unknown, data: unknown, options?: unknown, usual = 'w'): Script<void> {
  const { flag = usual, mode, flush, ...rest } = toOptions(options);
  const bytes = toBytes(data, encodingOf(rest, 'utf8'));
  if (typeof file === 'number') {
    yield* writeAll(toFd(file), bytes, flush);
    return;
  }
  const fd = yield* open(file, flag, mode);
  yield* closing(fd, writeAll(fd, bytes, flush));
}

function* writeAll(fd: number, data: string, flush: unknown): Script<void> {
  let rest = data;
  do {
    rest = rest.slice(yield* ask({ op: 'write', fd, data: rest, position: null }));
  } while (rest.length > 0);
  if (flush) yield* ask({ op: 'fsync', fd });
}

export function appendFile(file: unknown, data: unknown, options?: unknown): Script<void> {
  return writeFile(file, data, options, 'a');
}

/** open, ftruncate, close. */
export function* truncate(path: unknown, length: unknown = 0): Script<void> {
  const fd = yield* open(path, 'r+');
  yield* closing(fd, ftruncate(fd, length));
}

/**
 * As libuv: open both, fstat both, ftruncate, fchmod, read and write in turn, close both;
 * unlink the copy if it has failed. A file is copied onto itself by doing nothing.
 */
export function* copyFile(from: unknown, to: unknown, mode: unknown = 0): Script<void> {
  const source = toPath(from, 'src');
  const dest = toPath(to, 'dest');
  const as = { syscall: 'copyfile', path: source, dest };
  const { O_CREAT, O_WRONLY, O_EXCL, COPYFILE_EXCL } = CONSTANTS;
  const flags = O_CREAT | O_WRONLY | ((toMode(mode, 0) & COPYFILE_EXCL) !== 0 ? O_EXCL : 0);
  let writing = -1;
  const copy = function* (reading: number): Script<void> {
    const original = yield* ask({ op: 'fstat', fd: reading }, as);
    writing = yield* ask({ op: 'open', path: dest, flags, mode: original.mode }, as);
    const { ino } = yield* ask({ op: 'fstat', fd: writing }, as);
    if (ino === original.ino) return;
    yield* ask({ op: 'ftruncate', fd: writing, length: 0 }, as);
    yield* ask({ op: 'fchmod', fd: writing, mode: original.mode }, as);
    for (;;) {
      const length = READ_UNKNOWN_BYTES;
      const chunk = yield* ask({ op: 'read', fd: reading, length, position: null }, as);
      if (chunk.length === 0) return;
      yield* writeAll(writing, chunk, false);
    }
  };
  try {
    const reading = yield* ask({ op: 'open', path: source, flags: 0, mode: 0 }, as);
    yield* closing(reading, copy(reading));
  } catch (error) {
    if (writing >= 0) {
      yield* quietly({ op: 'close', fd: writing });
      yield* quietly({ op: 'unlink', path: dest });
    }
    throw error;
  }
  yield* ask({ op: 'close', fd: writing }, as);
}

/** What has failed already goes before what fails while it is tidied up. */
function* quietly(operation: Operation<'close' | 'unlink'>): Script<void> {
  try {
    yield* ask(operation);
  } catch {}
}
