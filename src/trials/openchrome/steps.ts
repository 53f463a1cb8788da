/** Steps that trials of openchrome share. */
import type { ProcessIdentity } from '../../ports/index.ts';
import type { Site } from '../../real/confined/index.ts';
import type { RealProcess } from '../../real/index.ts';
import { LIMITS } from '../../systems/openchrome/constants.ts';
import { type LockRecord, parseRecord } from '../../systems/openchrome/programs/controller-lock.ts';
import { CDP_PORT, INSTALLED, LOCK } from '../../systems/openchrome/setup.ts';
import { hasMarked, marks } from '../looks.ts';

/** Of a user's own Chrome, which openchrome may attach to and never ends. */
export const ATTACHED_PORT = 9_333;
export const ATTACHED = `chrome --remote-debugging-port=${ATTACHED_PORT} --user-data-dir=/home/user/chrome`;

/** A session whose Chrome answers. */
export async function sessionUp(site: Site, words = 'serve'): Promise<RealProcess> {
  const session = await site.start(words);
  await site.until('the session has its Chrome', () => hasMarked(site, session, 'up'));
  return session;
}

/** The Chrome of a session is gone for good: an update has taken its version away, and it is killed. */
export async function loseChrome(site: Site): Promise<void> {
  const pids = site.holders(CDP_PORT);
  const chromes = site.alive('chrome').filter(({ pid }) => pids.includes(pid));
  site.write(INSTALLED, '2');
  for (const chrome of chromes) site.signal(chrome, 'SIGKILL');
  await site.until('its Chrome has ended', () => !chromes.some((chrome) => site.isAlive(chrome)));
}

/** As if the owner had been there for longer than any grace. On our protocol there is no such file. */
export function ageLock(site: Site): void {
  const record = parseRecord(site.read(LOCK) ?? '');
  if (record === null) return;
  const earlier = (atMs: number): number => atMs - LIMITS.graceMs - 1_000;
  const aged: LockRecord = {
    ...record,
    startedAt: earlier(record.startedAt),
    lastHeartbeatAt: earlier(record.lastHeartbeatAt),
  };
  site.write(LOCK, `${JSON.stringify(aged)}\n`);
}

export function isOver(process: RealProcess): boolean {
  return process.ending !== null;
}

/** The sessions that own, as they believe. */
export function owners(site: Site): ProcessIdentity[] {
  return site.alive('serve').filter((session) => {
    const trace = site.traceOf(session)?.lines ?? [];
    const last = trace.findLast(
      ({ op, args }) => op === 'mark' && ['own', 'release', 'fenced'].includes(`${args.name}`),
    );
    return last?.args.name === 'own';
  });
}

export function count(site: Site, mark: string, program?: string): number {
  return marks(site, mark, program).length;
}
