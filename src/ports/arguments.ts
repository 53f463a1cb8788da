/**
 * The one check of arguments, in front of both machines: the kind of every argument of every operation. A bad argument is a mistake
 * in the program. No operation takes place, so it is no step of a machine, and the call rejects with the error that Node would give.
 */
import { KINDS, type Kind, type KindName } from './argument-kinds.ts';
import type { Operation, OperationName, OperationTable } from './operation.ts';
import { USUAL } from './usual-arguments.ts';

/** An argument of an operation, the name of it in Node's errors, and its kind. */
type Row<Name extends OperationName> = readonly [
  key: keyof OperationTable[Name][0] & string,
  kind: KindName,
  name?: string,
];

type Rows = { readonly [Name in OperationName]: readonly Row<Name>[] };

const PATH = [['path', 'path']] as const;
const PATH_AND_MODE = [...PATH, ['mode', 'mode']] as const;
const FD = [['fd', 'fd']] as const;
const TIMES = [
  ['atimeMs', 'time'],
  ['mtimeMs', 'time'],
] as const;

/** The arguments of each operation, in the order in which they are checked. */
export const ARGUMENTS: Rows = {
  open: [...PATH, ['flags', 'flags'], ['mode', 'mode']],
  close: FD,
  read: [...FD, ['length', 'readLength'], ['position', 'readPosition']],
  write: [...FD, ['data', 'bytes'], ['position', 'writePosition']],
  ftruncate: [...FD, ['length', 'fileLength', 'len']],
  fsync: FD,
  fstat: FD,
  stat: PATH,
  lstat: PATH,
  statfs: PATH,
  access: [...PATH, ['mode', 'accessMode']],
  chmod: PATH_AND_MODE,
  fchmod: [...FD, ['mode', 'mode']],
  chown: [...PATH, ['uid', 'owner'], ['gid', 'owner']],
  utimes: [...PATH, ...TIMES],
  futimes: [...FD, ...TIMES],
  link: [
    ['from', 'path', 'existingPath'],
    ['to', 'path', 'newPath'],
  ],
  symlink: [['target', 'path'], ...PATH],
  readlink: PATH,
  realpath: PATH,
  rename: [
    ['from', 'path', 'oldPath'],
    ['to', 'path', 'newPath'],
  ],
  unlink: PATH,
  mkdir: PATH_AND_MODE,
  rmdir: PATH,
  opendir: PATH,
  readdir: [...FD, ['prefix', 'prefix']],

  self: [],
  processInfo: [['pid', 'pid']],
  listProcesses: [],
  processEnv: [
    ['pid', 'pid'],
    ['name', 'variable'],
  ],
  spawn: [
    ['command', 'command'],
    ['inherit', 'inherit'],
    ['stdio', 'stdio'],
    ['cwd', 'cwd'],
    ['env', 'env'],
    ['clearEnv', 'flag'],
  ],
  wait: [['pid', 'pid']],
  kill: [
    ['pid', 'pid'],
    ['signal', 'signalOrZero'],
    ['startTicks', 'startTicks'],
  ],
  sigaction: [
    ['signal', 'signal'],
    ['action', 'action'],
  ],
  sigwait: [],
  setTitle: [['title', 'text']],
  // Of any number the low byte counts: a process that wants to end must not go on because of its exit code.
  exit: [],

  clock: [['which', 'clock']],
  sleep: [['ms', 'milliseconds']],
  random: [['bytes', 'byteCount', 'size']],

  listen: [
    ['address', 'address'],
    ['backlog', 'backlog'],
    ['streams', 'flag'],
  ],
  getsockname: FD,
  accept: FD,
  answer: [
    ['request', 'fd'],
    ['answer', 'answer'],
  ],
  connect: [
    ['address', 'address'],
    ['timeoutMs', 'milliseconds'],
  ],
  request: [
    ['address', 'address'],
    ['request', 'request'],
    ['timeoutMs', 'milliseconds'],
  ],
  holders: [['tcpPort', 'port']],

  pipe: [],
  socketpair: [],
  connectStream: [
    ['address', 'address'],
    ['timeoutMs', 'milliseconds'],
  ],
  acceptStream: FD,
  recv: [...FD, ['length', 'readLength']],
  send: [...FD, ['data', 'bytes']],
  shutdown: FD,
  reset: FD,
  getpeername: FD,

  // What a mark may hold is checked where it is made: it never fails, so it has no promise.
  mark: [],
};

interface Check {
  readonly key: string;
  readonly name: string;
  readonly kind: Kind;
}

const CHECKS = Object.fromEntries(
  Object.entries(ARGUMENTS).map(([op, rows]): [string, Check[]] => [
    op,
    (rows as readonly Row<OperationName>[]).map(([key, kind, name = key]) => ({
      key,
      name,
      kind: KINDS[kind],
    })),
  ]),
) as unknown as Readonly<Record<OperationName, readonly Check[]>>;

/** Node's error for the first bad argument of an operation; `null` if there is none. */
export function mistakeIn(operation: Operation): Error | null {
  const isUsual = USUAL[operation.op] as ((operation: Operation) => boolean) | undefined;
  return isUsual?.(operation) ? null : mistakeByTable(operation);
}

/** The same, by the table alone. */
export function mistakeByTable(operation: Operation): Error | null {
  const values = operation as unknown as Record<string, unknown>;
  for (const { key, name, kind } of CHECKS[operation.op]) {
    const value = values[key];
    if (!kind.accepts(value)) return kind.mistake(value, name);
  }
  return null;
}
