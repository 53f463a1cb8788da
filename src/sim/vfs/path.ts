import { ENAMETOOLONG, ENOENT, type Errno } from '../kernel/errno.ts';

const PATH_MAX_BYTES = 4095;
const NAME_MAX_BYTES = 255;
/** A UTF-16 unit takes at most this many bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;
const CACHE_LIMIT = 4096;

export interface ParsedPath {
  readonly absolute: boolean;
  /** Without empty names, and without `.` except as the last, where it matters. */
  readonly names: readonly string[];
  /** Ends in a slash: what it names must be a directory. */
  readonly slash: boolean;
  /** The first name that is too long, or -1. It fails only when the walk gets there. */
  readonly longAt: number;
}

/** Parsing is pure, so that all machines share the result; programs use few different paths, mostly the same ones. */
const cache = new Map<string, ParsedPath | Errno>();

export function parsePath(path: string): ParsedPath | Errno {
  const known = cache.get(path);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  const parsed = parse(path);
  cache.set(path, parsed);
  return parsed;
}

export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair stands for two of the four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

function parse(path: string): ParsedPath | Errno {
  if (path === '') return ENOENT;
  if (isLonger(path, PATH_MAX_BYTES)) return ENAMETOOLONG;
  const all = path.split('/').filter((name) => name !== '');
  const names = all.filter((name, at) => name !== '.' || at === all.length - 1);
  return {
    absolute: path.startsWith('/'),
    names,
    slash: names.length > 0 && path.endsWith('/'),
    longAt: names.findIndex((name) => isLonger(name, NAME_MAX_BYTES)),
  };
}

function isLonger(text: string, maxBytes: number): boolean {
  return text.length * MAX_BYTES_PER_UNIT > maxBytes && utf8Length(text) > maxBytes;
}
