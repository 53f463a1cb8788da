/** Calls on a whole file at once: readFile, writeFile, truncate, copyFile. */
import type { Script } from '../../script.ts';
import { encodingOf, fromBytes, toBytes, toFd, toMode, toOptions, toPath } from '../arguments.ts';
import { CONSTANTS } from '../constants.ts';
import { ask, closing, quietly } from './ask.ts';
import { ftruncate, open } from './descriptors.ts';

/** The most bytes to read at once from a file of known size, and of unknown size, as in Node. */
const READ_CHUNK_BYTES = 512 * 1024;
const READ_UNKNOWN_BYTES = 64 * 1024;

/** open, fstat, read until the size is reached or, if the size is unknown, until the end; close. */
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

/** open (which truncates the file if the flag is `w`), write until everything is written, close. */
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
 * As in libuv: open both, fstat both, ftruncate, fchmod, alternately read and write, close both;
 * unlink the copy on failure. Copying a file onto itself does nothing.
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
