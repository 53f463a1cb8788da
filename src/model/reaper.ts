import type { Ports, ProcessInfo, Self } from '../ports/index.ts';
import { evict } from './eviction.ts';
import { infoOf, isGone, type Origin } from './identity.ts';
import type { Timing } from './timing.ts';

const FLAG = '--one-survivor-owner=';
/** The name of a PID namespace has no slash, and a directory begins with one. */
const MARKER = /^--one-survivor-owner=(\d+)\.(\d+)@([^/]*):(\/.*)$/s;

/** What a child's command line says of its owner. No boot: a child does not outlive that. */
export type OwnerIdentity = Pick<Origin, 'pid' | 'startTicks' | 'pidNamespace'>;

/**
 * The word that an owner puts on the command line of every child, so that whoever comes after it can tell whose it was:
 * the state directory, which is an absolute path, and the owner's PID, start time and PID namespace.
 */
export function childMarker(directory: string, { pid, startTicks, pidNamespace }: OwnerIdentity): string {
  return `${FLAG}${pid}.${startTicks}@${pidNamespace}:${directory}`;
}

/** The owner that a process's command line names, if it is of this state directory. */
export function ownerOf(command: readonly string[], directory: string): OwnerIdentity | null {
  for (const word of command) {
    const [, pid, startTicks, pidNamespace, where] = MARKER.exec(word) ?? [];
    if (where === directory)
      return { pid: Number(pid), startTicks: Number(startTicks), pidNamespace: pidNamespace! };
  }
  return null;
}

/**
 * Whether a process's command line names an owner of this state directory that is gone. Outside of a container its
 * processes are seen, but under other PIDs: of an owner in another PID namespace our process table says nothing.
 */
export async function isLeftBehind(
  { command }: Pick<ProcessInfo, 'command'>,
  directory: string,
  self: Pick<Self, 'pidNamespace'>,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  const owner = ownerOf(command, directory);
  return owner !== null && owner.pidNamespace === self.pidNamespace && (await isGone(owner, ports));
}

/**
 * Ends every orphan of this state directory: a process of our user whose command line names an owner that is gone. That
 * does not depend on who has adopted it, so a subreaper or a container's PID 1 changes nothing.
 *
 * @returns how many were ended
 */
export function reapOrphans(
  directory: string,
  self: Self,
  ports: Pick<Ports, 'process' | 'clock' | 'mark' | 'episode'>,
  timing: Timing,
): Promise<number> {
  return ports.episode(async () => {
    let reaped = 0;
    for (const pid of await ports.process.list()) {
      if (pid === self.pid) continue;
      const info = await infoOf(pid, ports);
      if (info === null || !(await isOrphan(info, directory, self, ports))) continue;
      if (!(await evict(info, ports, timing))) continue;
      reaped++;
      ports.mark('reaped', { pid });
    }
    return reaped;
  });
}

/** A zombie bears no command line any more, so it is none. */
async function isOrphan(
  info: ProcessInfo,
  directory: string,
  self: Self,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  return info.uid === self.uid && (await isLeftBehind(info, directory, self, ports));
}
