/** Calls on an open file: open, close, read, write, fstat and the like. */
import type { Script } from '../../script.ts';
import {
  coded,
  encodingOf,
  invalidType,
  type Options,
  toBytes,
  toFd,
  toFlags,
  toMode,
  toOptions,
  toPath,
} from '../arguments.ts';
import type { BigIntStats, Stats } from '../stats.ts';
import { ask } from './ask.ts';
import { statsOf } from './attributes.ts';

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
  // Node drops the fraction of a length.
  const wanted = typeof length === 'number' ? length | 0 : buffer.byteLength - from;
  if (from < 0 || wanted < 0 || from + wanted > buffer.byteLength) {
    const error = new RangeError(
      `The value of "length" is out of range. It must be <= ${buffer.byteLength - from}. Received ${wanted}`,
    );
    throw coded(error, 'ERR_OUT_OF_RANGE');
  }
  if (wanted === 0) return { bytesRead: 0, buffer };
  const at = typeof position === 'number' ? position : toPosition(position);
  const bytes = yield* ask({ op: 'read', fd: number, length: wanted, position: at });
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

/** Node writes at the current position if it gets none that makes sense. */
export function toPosition(position: unknown): number | null {
  if (typeof position === 'bigint') return position < 0n ? null : Number(position);
  return Number.isSafeInteger(position) && (position as number) >= 0 ? (position as number) : null;
}

export function fstat(fd: unknown, options?: unknown): Script<Stats | BigIntStats> {
  return statsOf({ op: 'fstat', fd: toFd(fd) }, options);
}

export function ftruncate(fd: unknown, length: unknown = 0): Script<void> {
  return ask({ op: 'ftruncate', fd: toFd(fd), length: (length ?? 0) as number });
}

/** Also for fdatasync: the machine does not distinguish them. */
export function fsync(fd: unknown): Script<void> {
  return ask({ op: 'fsync', fd: toFd(fd) });
}
