import { hasCode, type Ports, type ProcessIdentity, type ProcessInfo, type Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';

/**
 * The state of the process that wrote a claim. `elsewhere`: on another host or in another PID namespace, so that our
 * process table does not contain it.
 */
export type Fate = 'alive' | 'dead' | 'elsewhere';

/** Identifies a process among those of all boots and hosts that share a directory. */
export type Origin = Pick<Claim, 'pid' | 'startTicks' | 'bootId' | 'pidNamespace' | 'hostname'>;

/** Identifies the process by boot, PID and start time: a PID alone proves nothing. */
export async function fateOf(
  claim: Origin & Partial<Pick<Claim, 'uid'>>,
  self: Self,
  ports: Pick<Ports, 'process'>,
): Promise<Fate> {
  // The boot ID comes first, because a machine may be renamed while it runs.
  if (claim.bootId !== self.bootId) return claim.hostname === self.hostname ? 'dead' : 'elsewhere';
  if (claim.pidNamespace !== self.pidNamespace) return 'elsewhere';
  return (await isGone(claim, ports, claim.uid === self.uid)) ? 'dead' : 'alive';
}

/**
 * Whether exactly this process has ended. A zombie has: it holds nothing and will never act.
 *
 * @param isOurs whether it is a process of our user: if the PID belongs to another user by now, it has ended, even where the
 *   system hides processes of other users
 */
export async function isGone(
  identity: ProcessIdentity,
  ports: Pick<Ports, 'process'>,
  isOurs = true,
): Promise<boolean> {
  return hasEnded(identity, await lookAt(identity.pid, ports), ports, isOurs);
}

/** The same, with what {@link lookAt} has given for its PID. */
export async function hasEnded(
  identity: ProcessIdentity,
  info: ProcessInfo | null | 'hidden',
  ports: Pick<Ports, 'process'>,
  isOurs: boolean,
): Promise<boolean> {
  if (info === 'hidden') return isOurs && !(await maySignal(identity.pid, ports));
  return info === null || info.startTicks !== identity.startTicks || info.state === 'zombie';
}

async function maySignal(pid: number, { process }: Pick<Ports, 'process'>): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH') || hasCode(error, 'EPERM')) return false;
    throw error;
  }
}

/** `null` if there is no such process; `hidden` if the system does not show it to us (hidepid). */
export async function lookAt(
  pid: number,
  ports: Pick<Ports, 'process'>,
): Promise<ProcessInfo | null | 'hidden'> {
  try {
    return await infoOf(pid, ports);
  } catch (error) {
    if (hasCode(error, 'EACCES')) return 'hidden';
    throw error;
  }
}

/** An ending process loses its command line first, then its descriptors, and remains visible for a moment. */
export function hasNoCommand({ command }: ProcessInfo): boolean {
  return command.length === 0;
}

/** `null` if there is no such process. @throws EACCES if the system hides it from us */
export async function infoOf(pid: number, { process }: Pick<Ports, 'process'>): Promise<ProcessInfo | null> {
  try {
    return await process.info(pid);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}
