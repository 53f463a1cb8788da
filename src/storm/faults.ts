/** The faults that can strike real processes, and why the others cannot. */

export const STORM_FAULTS = [
  'kill',
  'stop',
  'pid-reuse',
  'lose-state',
  'tear-state',
  'corrupt-state',
  'parent-death',
  'suspend',
  'clock-jump',
  'port-grab',
  'slow-probe',
] as const;
export type StormFault = (typeof STORM_FAULTS)[number];

export const DEFAULT_STORM_FAULTS: readonly StormFault[] = ['kill', 'stop'];

/** After them a sound daemon may have no PID file. */
export const OF_FILES: readonly StormFault[] = ['lose-state', 'tear-state', 'corrupt-state'];

export function isStormFault(name: string): name is StormFault {
  return STORM_FAULTS.some((known) => known === name);
}

/** What a round has of its own. */
export interface Isolation {
  /** A PID namespace. */
  readonly pid: boolean;
  /** A network namespace. */
  readonly net: boolean;
  /** A mount namespace, in which all that is written to files is the round's own. */
  readonly files: boolean;
}

/** What faults need of the machine. */
export interface Means {
  readonly isolation: Isolation;
  /** The library that changes the clock of a program; `null` if it is not installed. */
  readonly faketime: string | null;
  /** Whether the TCP port of the owner is known. */
  readonly knowsPort: boolean;
}

/** Why a fault cannot strike here; `null` if it can. */
export function whyNot(fault: StormFault, { isolation, faketime, knowsPort }: Means): string | null {
  switch (fault) {
    case 'pid-reuse':
      return isolation.pid
        ? null
        : 'a PID is given again on purpose only in a PID namespace of its own, which this round does not have';
    case 'clock-jump':
      return faketime === null
        ? 'the library libfaketime is not installed (Debian: apt install faketime)'
        : null;
    case 'port-grab':
    case 'slow-probe':
      return knowsPort ? null : 'the TCP port of the owner is not known (--owner tcp:PORT says it)';
    default:
      return null;
  }
}
