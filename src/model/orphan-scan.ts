import {
  isSystemError,
  type Ports,
  type ProcessIdentity,
  type ProcessInfo,
  type Self,
} from '../ports/index.ts';
import { infoOf, isGone } from './identity.ts';

/** So many parents are looked at, as in the tool from whose pull request 8 the scan comes. */
export const MAX_HOPS = 8;
/** A parent that ends while we climb is not above any more: we begin anew, so many times. */
const MAX_CLIMBS = 3;

export interface OrphanScanOptions {
  /** Whether a process is one of those that somebody must be there for. */
  isServer(info: ProcessInfo): boolean;
  /** Whether a process is somebody whom servers serve. */
  isHost(info: ProcessInfo): boolean;
  /**
   * Whom a server has said that it serves, null: it has not. Then nobody climbs: what is above it does not matter. Unless
   * given, no server says so.
   */
  hostOf?: (server: ProcessInfo) => Promise<ProcessIdentity | null>;
  maxHops?: number;
}

export interface Suspect {
  readonly server: ProcessInfo;
  /**
   * `host-gone`: whom it serves has ended. `no-host-above`: no parent of it is a host, up to the first process. `too-deep`:
   * none of so many is; there are more.
   */
  readonly why: 'host-gone' | 'no-host-above' | 'too-deep';
}

/**
 * Servers that seem to be left behind by whom they served. It only tells: others may share what a server has, so that
 * ending one is for a person to decide. Nobody is signalled. Never throws for a process that comes and goes meanwhile.
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
    // It may have ended since.
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

/** Null: it has ended, or may not be looked at. */
async function lookAt(pid: number, ports: Pick<Ports, 'process'>): Promise<ProcessInfo | null> {
  try {
    return await infoOf(pid, ports);
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}
