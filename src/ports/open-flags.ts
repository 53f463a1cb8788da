import { coded } from './node-errors.ts';

/** Linux open(2) bits of x86-64. On arm64, only O_DIRECTORY and O_NOFOLLOW differ. */
export const OPEN = {
  O_RDONLY: 0o0,
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  /** Opening a FIFO does not wait for the other end. */
  O_NONBLOCK: 0o4000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_SYNC: 0o4010000,
} as const;

/** The two low bits that hold the access mode. */
export const O_ACCMODE = 0o3;

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = OPEN;

/** Node's flag strings, https://nodejs.org/api/fs.html#file-system-flags. */
const STRINGS: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  rs: O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

/**
 * The bits of open(2) for one of Node's strings (`r`, `wx`, …). Numbers are returned unchanged.
 *
 * @throws TypeError with Node's code `ERR_INVALID_ARG_VALUE`, if Node does not know the string
 */
export function parseOpenFlags(flags: string | number): number {
  if (typeof flags === 'number') return flags;
  const bits = Object.hasOwn(STRINGS, flags) ? STRINGS[flags] : undefined;
  if (bits === undefined) {
    throw coded(
      new TypeError(
        `open flags ${JSON.stringify(flags)}: expected a number or one of ${Object.keys(STRINGS).join(', ')}`,
      ),
      'ERR_INVALID_ARG_VALUE',
    );
  }
  return bits;
}

/** Flags for display: Node's string if there is one, otherwise the names of the bits. */
export function formatOpenFlags(bits: number): string {
  for (const [text, value] of Object.entries(STRINGS)) if (value === bits) return text;
  const names = Object.entries(OPEN).filter(([, bit]) => bit > O_ACCMODE && (bits & bit) === bit);
  const access = bits & O_ACCMODE;
  const mode = access === O_RDWR ? 'O_RDWR' : access === O_WRONLY ? 'O_WRONLY' : 'O_RDONLY';
  return [mode, ...names.map(([name]) => name)].join('|');
}
