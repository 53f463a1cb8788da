import type { Ports, ProcessIdentity, ProcessInfo, Self } from '../ports/index.ts';
import { evict } from './eviction.ts';
import { infoOf, isGone } from './identity.ts';
import type { Timing } from './timing.ts';

const FLAG = '--one-survivor-owner=';

/**
 * The word that an owner puts on the command line of every child, so that whoever comes after it can tell whose it was:
 * the state directory, and the owner's PID and start time.
 */
export function childMarker(directory: string, { pid, startTicks }: ProcessIdentity): string {
  return `${FLAG}${pid}.${startTicks}:${directory}`;
}

/** The owner that a process's command line names, if it is of this state directory. */
export function ownerOf(command: readonly string[], directory: string): ProcessIdentity | null {
  for (const word of command) {
    const [, pid, startTicks, where] = /^--one-survivor-owner=(\d+)\.(\d+):(.*)$/s.exec(word) ?? [];
    if (where === directory) return { pid: Number(pid), startTicks: Number(startTicks) };
  }
  return null;
}

/**
 * Ends every orphan of this state directory: a process of our user whose command line names an owner that is gone. That
 * does not depend on who has adopted it, so a subreaper or a container's PID 1 changes nothing.
 *
 * @returns how many were ended
 */
export async function reapOrphans(
  directory: string,
  self: Self,
  ports: Pick<Ports, 'process' | 'clock' | 'mark'>,
  timing: Timing,
): Promise<number> {
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
}

/** A zombie bears no command line any more, so it is none. */
async function isOrphan(
  info: ProcessInfo,
  directory: string,
  self: Self,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  if (info.uid !== self.uid) return false;
  const owner = ownerOf(info.command, directory);
  return owner !== null && (await isGone(owner, ports));
}
