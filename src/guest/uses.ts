/**
 * What the programs of this process have used that is only approximated, and what they were refused: for the report of a check. A refusal
 * that ends a program is its crash; one that the program catches would be seen nowhere else.
 */

/** How each differs from a real machine. */
const APPROXIMATED = {
  'files of the package': 'read from the disk, as they were when they were first read',
  'process.memoryUsage': 'never changes',
  'process.resourceUsage': 'never changes',
  'process.cpuUsage': 'always zero',
  'process.availableMemory': 'never changes',
  'process.getActiveResourcesInfo': 'always empty',
  'os.cpus': 'one processor',
  'os.availableParallelism': 'one processor',
  'os.loadavg': 'always zero',
  'os.totalmem': 'the same everywhere',
  'os.freemem': 'never changes',
  'os.networkInterfaces': 'loopback only',
  'os.getPriority': 'always zero',
  'os.setPriority': 'changes nothing',
  'fs.watch': 'looks once a second; several changes of a file are one event',
  'fs.statfs': 'the same sizes everywhere',
  'servers of TLS and HTTP/2': 'listen; a connection to one is refused',
  'the load of the event loop': 'always zero',
  PerformanceObserver: 'observes nothing',
  'streams of zlib': 'do their work at once, when their input has ended',
} as const;

export type Approximated = keyof typeof APPROXIMATED;

/** What was used since {@link forgetUses}. */
export interface Uses {
  /** For example `os.cpus: one processor`; sorted. */
  readonly approximated: readonly string[];
  /** For example `fs.watch (used at /app/daemon.js:3:4)`; sorted. */
  readonly refused: readonly string[];
}

const approximated = new Set<Approximated>();
const refused = new Set<string>();

/** Notes that a program uses something that is approximated. */
export function uses(what: Approximated): void {
  approximated.add(what);
}

export function noteRefusal(what: string, where: string | null): void {
  refused.add(where === null ? what : `${what} (used at ${where})`);
}

/** The same functions, whose calls are noted. */
export function noting<T extends object>(module: 'os' | 'process', of: T): T {
  const own = of as Record<string, unknown>;
  for (const what of Object.keys(APPROXIMATED) as Approximated[]) {
    const [start, name = ''] = what.split('.');
    if (start !== module) continue;
    const call = own[name] as (...given: unknown[]) => unknown;
    const noted = (...given: unknown[]): unknown => {
      uses(what);
      return call(...given);
    };
    own[name] = Object.assign(noted, call);
  }
  return of;
}

export function forgetUses(): void {
  approximated.clear();
  refused.clear();
}

export function usesSoFar(): Uses {
  return {
    approximated: [...approximated].map((what) => `${what}: ${APPROXIMATED[what]}`).toSorted(),
    refused: [...refused].toSorted(),
  };
}
