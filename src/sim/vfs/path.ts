import { wellFormed } from '../../ports/well-formed.ts';
import { ENAMETOOLONG, ENOENT, type Errno } from '../base/errno.ts';

const PATH_MAX_BYTES = 4095;
const NAME_MAX_BYTES = 255;
/** The maximum number of UTF-8 bytes per UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
const CACHE_LIMIT = 4096;

export interface ParsedPath {
  readonly absolute: boolean;
  /** Without empty names, and without `.` except as the last name, where it matters. */
  readonly names: readonly string[];
  /** Whether it ends in a slash, so that it must name a directory. */
  readonly slash: boolean;
  /** The index of the first name that is too long, or -1. The walk fails only when it gets there. */
  readonly longAt: number;
}

/** Shared by all machines, because parsing is pure and programs use few different paths. */
const cache = new Map<string, ParsedPath | Errno>();

export function parsePath(path: string): ParsedPath | Errno {
  const known = cache.get(path);
  if (known !== undefined) return known;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  const parsed = parse(wellFormed(path));
  cache.set(path, parsed);
  return parsed;
}

export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair counts as two of its four bytes.
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
