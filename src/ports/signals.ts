/** The signals of Linux, by number and name, and what of them a program may name. */

/** In the order of their numbers, from 1. */
export const SIGNALS = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE'] as const),
  ...(['SIGKILL', 'SIGUSR1', 'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT'] as const),
  ...(['SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU'] as const),
  ...(['SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS'] as const),
] as const;

/** The signals that can be sent and waited for: those of Linux, without the real-time ones. */
export type Signal = (typeof SIGNALS)[number];

/** Second names that Node knows. */
const ALIASES: ReadonlyMap<unknown, Signal> = new Map<unknown, Signal>([
  ['SIGIOT', 'SIGABRT'],
  ['SIGPOLL', 'SIGIO'],
]);

/**
 * The signal of a name or of a number from 1 to 31. Null: there is none. As for Node's `process.kill`, a name is in upper case
 * and has its prefix.
 */
export function findSignal(given: unknown): Signal | null {
  if (typeof given === 'number') return SIGNALS[given - 1] ?? null;
  return ALIASES.get(given) ?? ((SIGNALS as readonly unknown[]).includes(given) ? (given as Signal) : null);
}

/**
 * The signal that a program means.
 *
 * @param given a name, or a number from 1 to 31
 * @throws TypeError with Node's code `ERR_UNKNOWN_SIGNAL`
 */
export function signalOf(given: unknown): Signal {
  const signal = findSignal(given);
  if (signal !== null) return signal;
  throw coded(
    `unknown signal ${shown(given)}: expected one of ${SIGNALS.join(', ')}, or its number (1 to ${SIGNALS.length})`,
    'ERR_UNKNOWN_SIGNAL',
  );
}

/**
 * The PID that a program means: as for Node, also a text that is a number.
 *
 * @throws TypeError with Node's code `ERR_INVALID_ARG_TYPE`
 */
export function pidOf(given: unknown): number {
  const pid = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  // Linux numbers processes with 32 bits; of minus 0, which is 0, no trace should speak.
  if (typeof pid === 'number' && pid === (pid | 0)) return pid | 0;
  throw coded(`unknown PID ${shown(given)}: expected a whole number of 32 bits`, 'ERR_INVALID_ARG_TYPE');
}

function coded(message: string, code: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
