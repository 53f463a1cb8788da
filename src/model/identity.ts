import { hasCode, type Ports, type ProcessIdentity, type ProcessInfo, type Self } from '../ports/index.ts';
import type { Claim } from './claim.ts';

/**
 * What is known of the process that wrote a claim. `elsewhere`: on another host or in another PID namespace, where our
 * process table says nothing about it.
 */
export type Fate = 'alive' | 'dead' | 'elsewhere';

/** What names a process among those of all boots and hosts that share a directory. */
export type Origin = Pick<Claim, 'pid' | 'startTicks' | 'bootId' | 'pidNamespace' | 'hostname'>;

/** A PID alone proves nothing: boot, PID and start time together name a process. */
export async function fateOf(claim: Origin, self: Self, ports: Pick<Ports, 'process'>): Promise<Fate> {
  // A machine is known by its boot: it may get another name while it runs.
  if (claim.bootId !== self.bootId) return claim.hostname === self.hostname ? 'dead' : 'elsewhere';
  if (claim.pidNamespace !== self.pidNamespace) return 'elsewhere';
  return (await isGone(claim, ports)) ? 'dead' : 'alive';
}

/** Whether this very process has ended. A zombie has: it holds nothing and will never act. */
export async function isGone(identity: ProcessIdentity, ports: Pick<Ports, 'process'>): Promise<boolean> {
  const info = await infoOf(identity.pid, ports);
  return info === null || info.startTicks !== identity.startTicks || info.state === 'zombie';
}

/** A process that is ending loses its command line first, then its descriptors, and is there for a moment still. */
export function hasNoCommand({ command }: ProcessInfo): boolean {
  return command.length === 0;
}

/** Null: no such process. */
export async function infoOf(pid: number, { process }: Pick<Ports, 'process'>): Promise<ProcessInfo | null> {
  try {
    return await process.info(pid);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return null;
    throw error;
  }
}
