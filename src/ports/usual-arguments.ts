/**
 * Recognizes operations whose arguments are all good, for those that programs call most: a step of the simulation takes about a
 * microsecond, and the table of arguments takes more than twice as long as this. Whatever is not recognized is looked up in the table.
 */
import { KINDS } from './argument-kinds.ts';
import type { Operation, OperationName } from './operation.ts';

const isPath = (value: string): boolean => typeof value === 'string' && !value.includes('\0');
/** A 32-bit integer: the fast form of Number.isInteger with a range. */
const isInt32 = (value: number): boolean => (value | 0) === value;
const isNatural = (value: number): boolean => (value | 0) === value && value >= 0;
const isPosition = (value: number | null): boolean => value === null || isNatural(value);

type Usual = { readonly [Name in OperationName]?: (operation: Operation<Name>) => boolean };

const hasFd = ({ fd }: { fd: number }): boolean => isNatural(fd);
const hasPid = ({ pid }: { pid: number }): boolean => isInt32(pid);
const always = (): boolean => true;

export const USUAL: Usual = {
  open: ({ path, flags, mode }) => isPath(path) && isInt32(flags) && isNatural(mode),
  close: hasFd,
  read: ({ fd, length, position }) => isNatural(fd) && isNatural(length) && isPosition(position),
  write: ({ fd, data, position }) => isNatural(fd) && KINDS.bytes.accepts(data) && isPosition(position),
  fsync: hasFd,
  fstat: hasFd,
  stat: ({ path }) => isPath(path),
  lstat: ({ path }) => isPath(path),
  link: ({ from, to }) => isPath(from) && isPath(to),
  rename: ({ from, to }) => isPath(from) && isPath(to),
  unlink: ({ path }) => isPath(path),
  mkdir: ({ path, mode }) => isPath(path) && isNatural(mode),
  rmdir: ({ path }) => isPath(path),
  opendir: ({ path }) => isPath(path),
  readdir: ({ fd, prefix }) => isNatural(fd) && (prefix === undefined || typeof prefix === 'string'),
  self: always,
  listProcesses: always,
  processInfo: hasPid,
  wait: hasPid,
  kill: ({ pid, signal, startTicks }) =>
    isInt32(pid) &&
    (signal === 0 || KINDS.signal.accepts(signal)) &&
    (startTicks === null || typeof startTicks === 'number'),
  sigwait: always,
  clock: ({ which }) => which === 'wall' || which === 'monotonic',
  sleep: ({ ms }) => typeof ms === 'number',
  accept: hasFd,
  acceptStream: hasFd,
  recv: ({ fd, length }) => isNatural(fd) && isNatural(length),
  send: ({ fd, data }) => isNatural(fd) && KINDS.bytes.accepts(data),
  shutdown: hasFd,
};
