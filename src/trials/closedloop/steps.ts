/** Steps that trials of closedloop share. */
import type { ProcessIdentity } from '../../ports/index.ts';
import type { Seen, Site } from '../../real/confined/index.ts';
import type { RealProcess } from '../../real/index.ts';
import { TCP_PORT } from '../../systems/closedloop/setup.ts';
import { hasMarked, killsIn } from '../looks.ts';

/** The sidecar that listens, or the first of them. */
export function listening(site: Site): Seen | undefined {
  const pids = site.holders(TCP_PORT);
  return site.alive('sidecar').find(({ pid }) => pids.includes(pid));
}

export async function untilListens(site: Site): Promise<Seen> {
  await site.until('a sidecar listens', () => listening(site) !== undefined);
  return listening(site)!;
}

/** An app that has its sidecar, and has written down its PID. */
export async function appReady(site: Site): Promise<{ app: RealProcess; sidecar: Seen }> {
  const app = await site.start('app');
  await untilMarked(site, app, 'ready');
  return { app, sidecar: await untilListens(site) };
}

export async function untilMarked(site: Site, process: ProcessIdentity, ...names: string[]): Promise<void> {
  await site.until(`a process marks ${names.join(' or ')}`, () => hasMarked(site, process, ...names));
}

/** The signals that an app has sent to a sidecar's group: `SIGTERM, 2.0 s, SIGKILL`, and the milliseconds in between. */
export function signalsTo(
  site: Site,
  app: ProcessIdentity,
  sidecar: ProcessIdentity,
): { words: string; betweenMs: number } {
  const kills = killsIn(site.traceOf(app)).filter(({ args }) => Math.abs(Number(args.pid)) === sidecar.pid);
  const [first] = kills;
  const killed = kills.find(({ args }) => args.signal === 'SIGKILL');
  const betweenMs = first === undefined || killed === undefined ? 0 : killed.atMs - first.atMs;
  const names = [...new Set(kills.map(({ args }) => `${args.signal}`))];
  return { words: names.join(`, ${(betweenMs / 1_000).toFixed(1)} s, `), betweenMs: Math.round(betweenMs) };
}
