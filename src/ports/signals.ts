/** The signals of Linux by number and name, and the checks of signals and PIDs that programs pass. */

import { coded } from './node-errors.ts';

/** In the order of their numbers, starting at 1. */
export const SIGNALS = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE'] as const),
  ...(['SIGKILL', 'SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT'] as const),
  ...(['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU'] as const),
  ...(['SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS'] as const),
] as const;

/** The signals of Linux without the real-time signals. */
export type Signal = (typeof SIGNALS)[number];

/** Aliases that Node knows. */
const ALIASES: ReadonlyMap<unknown, Signal> = new Map<unknown, Signal>([
  ['SIGIOT', 'SIGABRT'],
  ['SIGPOLL', 'SIGIO'],
]);

/**
 * The signal with this name or number (1 to 31); `null` if there is none. As in Node's `process.kill`, a name is in upper case
 * and has the prefix SIG.
 */
export function findSignal(given: unknown): Signal | null {
  if (typeof given === 'number') return SIGNALS[given - 1] ?? null;
  return ALIASES.get(given) ?? ((SIGNALS as readonly unknown[]).includes(given) ? (given as Signal) : null);
}

/**
 * The signal that a program has passed.
 *
 * @param given a name, or a number from 1 to 31
 * @throws TypeError with Node's code `ERR_UNKNOWN_SIGNAL`
 */
export function signalOf(given: unknown): Signal {
  const signal = findSignal(given);
  if (signal !== null) return signal;
  throw signalMistake(given);
}

/** The error for what is not a signal. */
export function signalMistake(given: unknown): TypeError {
  return coded(
    new TypeError(
      `unknown signal ${shown(given)}: expected one of ${SIGNALS.join(', ')}, or its number (1 to ${SIGNALS.length})`,
    ),
    'ERR_UNKNOWN_SIGNAL',
  );
}

/**
 * The PID that a program has passed: a number or, as in Node, a numeric string.
 *
 * @throws TypeError with Node's code `ERR_INVALID_ARG_TYPE`
 */
export function pidOf(given: unknown): number {
  const pid = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  // Linux numbers processes with 32 bits. The bitwise OR also turns -0 into 0, which would look odd in a trace.
  if (typeof pid === 'number' && pid === (pid | 0)) return pid | 0;
  throw pidMistake(given);
}

/** The error for what is not a PID. */
export function pidMistake(given: unknown): TypeError {
  return coded(
    new TypeError(`unknown PID ${shown(given)}: expected a 32-bit integer`),
    'ERR_INVALID_ARG_TYPE',
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
