import type { Ports, ProcessInfo, Self } from '../ports/index.ts';
import { evict } from './eviction.ts';
import { isGone, lookAt, type Origin } from './identity.ts';
import type { Timing } from './timing.ts';

const FLAG = '--one-survivor-owner=';
/** Unambiguous, since the name of a PID namespace has no slash and a directory begins with one. */
const MARKER = /^--one-survivor-owner=(\d+)\.(\d+)@([^/]*):(\/.*)$/s;

/** The owner named on a child's command line. Without a boot ID, since no child outlives a boot. */
export type OwnerIdentity = Pick<Origin, 'pid' | 'startTicks' | 'pidNamespace'>;

/**
 * The argument that an owner puts on the command line of every child, so that its successor can recognize them:
 * the absolute path of the state directory, and the owner's PID, start time and PID namespace.
 */
export function childMarker(directory: string, { pid, startTicks, pidNamespace }: OwnerIdentity): string {
  return `${FLAG}${pid}.${startTicks}@${pidNamespace}:${directory}`;
}

/** The owner named on a command line, if it is one of this state directory. */
export function ownerOf(command: readonly string[], directory: string): OwnerIdentity | null {
  for (const word of command) {
    const [, pid, startTicks, pidNamespace, where] = MARKER.exec(word) ?? [];
    if (where === directory)
      return { pid: Number(pid), startTicks: Number(startTicks), pidNamespace: pidNamespace! };
  }
  return null;
}

/**
 * Whether a command line names an owner of this state directory that is gone. Processes of a container are visible outside it,
 * but under other PIDs: our process table cannot tell whether an owner in another PID namespace is alive.
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
 * Ends every orphan of this state directory: a process of our user whose command line names an owner that is gone. Its parent
 * does not matter, so a subreaper or a container's PID 1 makes no difference.
 *
 * @returns how many were ended
 */
export function reapOrphans(
  directory: string,
  self: Self,
  ports: Pick<Ports, 'process' | 'clock' | 'mark' | 'summarize'>,
  timing: Timing,
): Promise<number> {
  return ports.summarize(async () => {
    let reaped = 0;
    for (const pid of await ports.process.list()) {
      if (pid === self.pid) continue;
      const info = await lookAt(pid, ports);
      // Hidden: of another user.
      if (info === null || info === 'hidden' || !(await isOrphan(info, directory, self, ports))) continue;
      if (!(await evict(info, ports, timing))) continue;
      reaped++;
      ports.mark('reaped', { pid });
    }
    return reaped;
  });
}

/** A zombie has no command line, so it is never an orphan. */
async function isOrphan(
  info: ProcessInfo,
  directory: string,
  self: Self,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  return info.uid === self.uid && (await isLeftBehind(info, directory, self, ports));
}
