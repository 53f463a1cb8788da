import {
  isSystemError,
  type Ports,
  type ProcessIdentity,
  type ProcessInfo,
  type Self,
} from '../ports/index.ts';
import { infoOf, isGone } from './identity.ts';

/** How many parents are examined, as in the orchestrator's pull request 8, on which the scan is based. */
export const MAX_HOPS = 8;
/** If a parent ends during the climb, its child has a new parent and we start again, at most this often. */
const MAX_CLIMBS = 3;

export interface OrphanScanOptions {
  /** Whether a process is a server, which must have a host. */
  isServer(info: ProcessInfo): boolean;
  /** Whether a process is a host, which has servers. */
  isHost(info: ProcessInfo): boolean;
  /**
   * The host that a server has declared; `null` if it has declared none. If it has, its parents are not examined. Default: no
   * server declares its host.
   */
  hostOf?: (server: ProcessInfo) => Promise<ProcessIdentity | null>;
  maxHops?: number;
}

export interface Suspect {
  readonly server: ProcessInfo;
  /**
   * `host-gone`: its declared host has ended. `no-host-above`: none of its parents up to the first process is a host. `too-deep`:
   * none of the first `maxHops` parents is a host, and there are more.
   */
  readonly why: 'host-gone' | 'no-host-above' | 'too-deep';
}

/**
 * Finds servers whose host seems to be gone. It only reports: others may share the server's resources, so a person must decide
 * whether to end it. Processes that start or end meanwhile cause no error.
 */
export async function scanForOrphans(
  ports: Pick<Ports, 'process'>,
  self: Pick<Self, 'pid' | 'uid'>,
  options: OrphanScanOptions,
): Promise<Suspect[]> {
  const suspects: Suspect[] = [];
  for (const pid of await ports.process.list()) {
    if (pid === self.pid) continue;
    const server = await lookAt(pid, ports);
    if (server === null || server.state === 'zombie' || !options.isServer(server)) continue;
    const why = await judge(server, ports, options);
    // It may have ended in the meantime.
    if (why !== null && !(await isGone(server, ports))) suspects.push({ server, why });
  }
  return suspects;
}

async function judge(
  server: ProcessInfo,
  ports: Pick<Ports, 'process'>,
  options: OrphanScanOptions,
): Promise<Suspect['why'] | null> {
  const named = (await options.hostOf?.(server)) ?? null;
  if (named !== null) return (await isGone(named, ports)) ? 'host-gone' : null;
  const found = await findHost(server, ports, options);
  return typeof found === 'string' ? found : null;
}

/** The nearest host above a process. */
export async function findHost(
  from: Pick<ProcessInfo, 'pid' | 'ppid'>,
  ports: Pick<Ports, 'process'>,
  { isHost, maxHops = MAX_HOPS }: Pick<OrphanScanOptions, 'isHost' | 'maxHops'>,
): Promise<ProcessInfo | 'no-host-above' | 'too-deep'> {
  let { ppid } = from;
  for (let climb = 1, hops = 0; ppid > 0; hops++) {
    if (hops >= maxHops) return 'too-deep';
    const parent = await lookAt(ppid, ports);
    if (parent !== null) {
      if (parent.state !== 'zombie' && isHost(parent)) return parent;
      ppid = parent.ppid;
    } else {
      if (climb++ === MAX_CLIMBS) break;
      ppid = (await lookAt(from.pid, ports))?.ppid ?? 0;
      hops = -1;
    }
  }
  return 'no-host-above';
}

/** `null` if it has ended, or if we may not inspect it. */
async function lookAt(pid: number, ports: Pick<Ports, 'process'>): Promise<ProcessInfo | null> {
  try {
    return await infoOf(pid, ports);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
