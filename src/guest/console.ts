/** `console` of a process: it prints to the standard output and error of the process. */
import { Console } from 'node:console';
import { inspect } from 'node:util';
import { isTraced } from '../host/index.ts';
import type { SimProcess } from '../sim/index.ts';
import { lazyObject, type Members } from './lazy.ts';
import type { GuestProcess } from './process.ts';

/** What the console of a process is made from. */
export interface ConsoleParts {
  readonly guest: GuestProcess;
  readonly simulated: SimProcess;
  /** In milliseconds. */
  readonly now: () => number;
}

interface OwnConsole extends ConsoleParts {
  real: Console | null;
  readonly timers: Map<string, number>;
}

const PRINTING = [
  ...(['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'dirxml', 'table', 'assert'] as const),
  ...(['count', 'countReset', 'group', 'groupCollapsed', 'groupEnd'] as const),
];

const MEMBERS: Members<OwnConsole> = new Map<string, (own: OwnConsole) => unknown>([
  ...PRINTING.map((method): [string, (own: OwnConsole) => unknown] => [
    method,
    (own) =>
      ({
        [method](...args: unknown[]): void {
          if (isSeen(own)) (realOf(own)[method] as (...args: unknown[]) => void)(...args);
        },
      })[method],
  ]),
  [
    'time',
    ({ timers, now }) =>
      (label: unknown = 'default') =>
        void timers.set(String(label), now()),
  ],
  [
    'timeLog',
    (own) =>
      (label: unknown = 'default', ...rest: unknown[]) =>
        elapsed(own, String(label), rest),
  ],
  [
    'timeEnd',
    (own) =>
      (label: unknown = 'default') => {
        elapsed(own, String(label), []);
        own.timers.delete(String(label));
      },
  ],
  ['Console', () => Console],
]);

export function consoleFor(parts: ConsoleParts): Record<string, unknown> {
  return lazyObject(MEMBERS, { ...parts, real: null, timers: new Map() }, {});
}

/**
 * Whether printing has an effect: on a descriptor, on what the program has put in the place of its output, or in a trace. Otherwise
 * nothing is formatted: most runs of a search are not traced.
 */
function isSeen({ guest, simulated }: ConsoleParts): boolean {
  if (isTraced() || simulated.fds.has(1) || simulated.fds.has(2)) return true;
  return !(isUntouched(guest, 'stdout') && isUntouched(guest, 'stderr'));
}

function isUntouched(guest: object, name: string): boolean {
  return Object.getOwnPropertyDescriptor(guest, name)?.get !== undefined;
}

function realOf(own: OwnConsole): Console {
  own.real ??= new Console({
    stdout: streamOf(own.guest, 'stdout'),
    stderr: streamOf(own.guest, 'stderr'),
    colorMode: false,
  });
  return own.real;
}

/** Looks up the stream and its `write` for each text, because programs replace both. */
function streamOf(guest: GuestProcess, name: 'stdout' | 'stderr'): NodeJS.WritableStream {
  const stream = {
    write: (text: string) => (guest[name] as NodeJS.WritableStream).write(text),
    once: () => stream,
    removeListener: () => stream,
    listenerCount: () => 1,
  };
  return stream as unknown as NodeJS.WritableStream;
}

function elapsed(own: OwnConsole, label: string, rest: readonly unknown[]): void {
  const sinceMs = own.timers.get(label);
  if (sinceMs === undefined || !isSeen(own)) return;
  const more = rest.map((each) => (typeof each === 'string' ? each : inspect(each))).join(' ');
  realOf(own).log(`${label}: ${Number((own.now() - sinceMs).toFixed(3))}ms${more === '' ? '' : ` ${more}`}`);
}
