/** Arguments that programs pass by mistake, for each kind of argument; and some that look odd and are accepted. */

import type { KindName } from '../../src/ports/argument-kinds.ts';
import { ARGUMENTS } from '../../src/ports/arguments.ts';
import type { Operation } from '../../src/ports/index.ts';

/** Half a surrogate pair, which UTF-8 does not have. */
export const HALF = '\ud800';

/** Which argument of an operation is replaced, and by which value: both modulo how many there are. */
export interface Spoil {
  readonly which: number;
  readonly value: number;
}

const NUMBERS = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 32, 2 ** 53, 'x', null];
// Never a number that can be a process: a machine that accepts it must not signal a stranger.
const PIDS = [1.5, 2 ** 31, Number.NaN, -(2 ** 31) - 1, 2 ** 40, 'x', undefined];
const PATHS = ['a\0b', '\0', 1, null, undefined];
const PORTS = [-1, 65_536, 1.5, Number.NaN, 'x', undefined];

const ODD: { readonly [Kind in KindName]: readonly unknown[] } = {
  text: [1, null],
  prefix: [1, null],
  path: [...PATHS, ''],
  bytes: [1, null, '\u0100', `a${HALF}`],
  fd: [...NUMBERS, 5.5, -7],
  env: [{ 'a=b': '' }, { '': '' }, { a: 1 }, { a: 'a\0b' }, { 'a\0b': '' }, [], 1, null],
  variable: ['', 'a=b', 'a\0b', 1, null],
  inherit: [[-1], ['x'], 1, null],
  stdio: [[-1], ['x'], 1, null],
  cwd: ['', 'a\0b', 1, null],
  flag: [1, null, 'x'],
  flags: [1.5, Number.NaN, 2 ** 31, 'rw', null],
  mode: [...NUMBERS, 0o101777],
  accessMode: [-1, 8, 1.5, Number.NaN, 'x', null],
  readLength: [...NUMBERS, 0],
  fileLength: [-1, 1.5, Number.NaN, 2 ** 53, 'x', null],
  readPosition: [-1, -3, 1.5, Number.NaN, 2 ** 53, 'x', undefined, 1e9],
  writePosition: [-1, -3, 1.5, Number.NaN, 2 ** 53, 'x', undefined],
  time: [-1, -1500.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 'x', null, 2000.123456],
  owner: [-2, 1.5, Number.NaN, 2 ** 32, 'x', null],
  command: [[], [''], ['a\0b'], ['idle', 'a\0b'], ['idle', 1], 'idle', null],
  pid: PIDS,
  signal: ['SIGX', 'sigterm', '', 99, -1, 1.5, null],
  signalOrZero: ['SIGX', 'sigterm', '', 99, -1, 1.5, null],
  startTicks: ['x', undefined, Number.NaN],
  action: ['x', null],
  clock: ['x', null],
  milliseconds: ['x', null],
  byteCount: NUMBERS,
  address: [
    null,
    {},
    { kind: 'tcp' },
    { kind: 'unix', path: 1 },
    { kind: 'unix', path: '' },
    { kind: 'udp' },
  ],
  port: PORTS,
  backlog: NUMBERS,
  request: ['', 'x', '/a b', '/\u00e9', '/\n', '/\u20ac', '*', 1]
    .map((path) => ({ path, body: '' }) as unknown)
    .concat([{ path: '/', body: 1 }, null]),
  answer: [0, 99, 100, 101, 199, 1000, 1.5, 200.5, Number.NaN, 'x', null]
    .map((status) => ({ status, body: 'b' }) as unknown)
    .concat([{ status: 200, body: 1 }, null]),
};

/** The values of one argument; of an address also those that are wrong in one place only. */
export function oddValues(kind: KindName, usual: unknown): readonly unknown[] {
  if (kind !== 'address') return ODD[kind];
  const address = usual as { kind: string; host?: string; tcpPort?: number; path?: string };
  const part =
    address.kind === 'tcp'
      ? [...PORTS.map((tcpPort) => ({ ...address, tcpPort })), { ...address, host: 'a\0b' }]
      : PATHS.map((path) => ({ ...address, path }));
  return [...part, ...ODD.address];
}

/** The operation with one odd argument; itself, if it has none. */
export function spoiled(operation: Operation, { which, value }: Spoil): Operation {
  const rows = ARGUMENTS[operation.op] as readonly (readonly [string, KindName, string?])[];
  if (rows.length === 0) return operation;
  const [key, kind] = rows[which % rows.length]!;
  const values = oddValues(kind, (operation as unknown as Record<string, unknown>)[key]);
  return { ...operation, [key]: values[value % values.length] } as Operation;
}
