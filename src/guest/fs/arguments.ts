import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { KINDS } from '../../ports/argument-kinds.ts';
import { type Bytes, parseOpenFlags } from '../../ports/index.ts';
import { coded, invalidType, invalidValue } from '../../ports/node-errors.ts';

export function toPath(path: unknown, name = 'path'): string {
  const text =
    path instanceof URL
      ? fileURLToPath(path)
      : path instanceof Uint8Array
        ? Buffer.from(path).toString()
        : path;
  if (typeof text !== 'string') {
    throw invalidType(name, 'of type string or an instance of Buffer or URL', path);
  }
  if (text.includes('\0')) {
    throw invalidValue(name, 'must be a string, Uint8Array, or URL without null bytes', text);
  }
  return text;
}

export function toFd(fd: unknown): number {
  if (typeof fd !== 'number') throw invalidType('fd', 'of type number', fd);
  if (!KINDS.fd.accepts(fd)) throw KINDS.fd.mistake(fd, 'fd');
  return fd;
}

export function toMode(mode: unknown, usual: number): number {
  if (mode === undefined || mode === null) return usual;
  if (typeof mode === 'number') return mode;
  if (typeof mode === 'string' && /^[0-7]+$/.test(mode)) return Number.parseInt(mode, 8);
  throw invalidType('mode', 'of type number', mode);
}

export function toFlags(flags: unknown): number {
  if (flags === undefined || flags === null) return 0;
  if (typeof flags === 'number') return flags;
  try {
    return parseOpenFlags(String(flags));
  } catch {
    throw coded(
      new TypeError(`The argument 'flags' is invalid. Received ${inspect(flags)}`),
      'ERR_INVALID_ARG_VALUE',
    );
  }
}

/** Node accepts seconds as a number or a string, and dates. For times before 1970 it uses the current time. */
export function toTimeMs(time: unknown, name: string, nowMs: () => number): number {
  if (time instanceof Date) return time.getTime();
  // biome-ignore lint/suspicious/noDoubleEquals: this is how Node decides whether a string is a number.
  const seconds = typeof time === 'string' && +time == (time as unknown) ? +time : time;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) {
    throw invalidType(name, 'of type number or string or an instance of Date', time);
  }
  return seconds < 0 ? nowMs() : seconds * 1000;
}

export interface Options {
  readonly [name: string]: unknown;
}

export { coded, invalidType };

/** Options, or only an encoding. */
export function toOptions(options: unknown, alone = 'encoding'): Options {
  if (options === undefined || options === null) return {};
  if (typeof options === 'string' || (alone === 'mode' && typeof options === 'number')) {
    return { [alone]: options };
  }
  if (typeof options !== 'object')
    throw invalidType('options', 'of type string or an instance of Object', options);
  return options as Options;
}

/** `null` for a Buffer. */
export function encodingOf({ encoding }: Options, usual: BufferEncoding | null): BufferEncoding | null {
  if (encoding === undefined) return usual;
  if (encoding === null || encoding === 'buffer') return null;
  if (typeof encoding !== 'string' || !Buffer.isEncoding(encoding)) {
    throw coded(
      new TypeError(`The argument 'encoding' is invalid encoding. Received ${inspect(encoding)}`),
      'ERR_INVALID_ARG_VALUE',
    );
  }
  return encoding;
}

export function fromBytes(bytes: Bytes, encoding: BufferEncoding | null): Buffer | string {
  const buffer = Buffer.from(bytes, 'latin1');
  return encoding === null ? buffer : buffer.toString(encoding);
}

/** A path returned by the machine, in the requested encoding. */
export function tell(path: string, options: unknown): Buffer | string {
  const encoding = encodingOf(toOptions(options), 'utf8');
  return encoding === 'utf8'
    ? path
    : encoding === null
      ? Buffer.from(path)
      : Buffer.from(path).toString(encoding);
}

export function toBytes(data: unknown, encoding: BufferEncoding | null, name = 'data'): Bytes {
  if (typeof data === 'string') return Buffer.from(data, encoding ?? 'utf8').toString('latin1');
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
  }
  throw invalidType(name, 'of type string or an instance of Buffer, TypedArray, or DataView', data);
}
