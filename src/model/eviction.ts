import { hasCode, type Ports, type ProcessIdentity, type Signal } from '../ports/index.ts';
import { isGone, lookAt } from './identity.ts';
import type { Timing } from './timing.ts';

const POLL_MS = 50;

/**
 * Ends exactly this process: SIGTERM, then SIGKILL; if it is stopped, SIGKILL at once, since it would handle SIGTERM only after SIGCONT. Each
 * signal is bound to the identity, so that a process that was given
 * the PID in the meantime is not touched.
 *
 * @returns whether it is gone; `false` if it survived SIGKILL (uninterruptible sleep), or we may not signal it
 */
export async function evict(
  identity: ProcessIdentity,
  ports: Pick<Ports, 'process' | 'clock'>,
  timing: Timing,
): Promise<boolean> {
  for (const [signal, withinMs] of [
    ['SIGTERM', timing.termGraceMs],
    ['SIGKILL', timing.killGraceMs],
  ] as const) {
    if (signal === 'SIGTERM' && (await isStopped(identity, ports))) continue;
    const sent = await signalExactly(identity, signal, ports);
    if (sent === 'gone') return true;
    if (sent === 'forbidden') return isGone(identity, ports);
    if (await isGoneWithin(identity, withinMs, ports)) return true;
  }
  return false;
}

async function isStopped(
  { pid, startTicks }: ProcessIdentity,
  ports: Pick<Ports, 'process'>,
): Promise<boolean> {
  const info = await lookAt(pid, ports);
  return info !== null && info !== 'hidden' && info.startTicks === startTicks && info.state === 'stopped';
}

async function signalExactly(
  identity: ProcessIdentity,
  signal: Signal,
  { process }: Pick<Ports, 'process'>,
): Promise<'sent' | 'gone' | 'forbidden'> {
  try {
    await process.killExactly(identity, signal);
    return 'sent';
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return 'gone';
    if (hasCode(error, 'EPERM') || hasCode(error, 'EACCES')) return 'forbidden';
    throw error;
  }
}

/** Waits for a process to end. */
export async function isGoneWithin(
  identity: ProcessIdentity,
  withinMs: number,
  ports: Pick<Ports, 'process' | 'clock'>,
): Promise<boolean> {
  const untilMs = (await ports.clock.monotonicMs()) + withinMs;
  for (;;) {
    if (await isGone(identity, ports)) return true;
    if ((await ports.clock.monotonicMs()) >= untilMs) return false;
    await ports.clock.sleep(POLL_MS);
  }
}
