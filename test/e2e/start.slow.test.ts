import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parseClaim } from '../../src/model/index.ts';
import type { Arena } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

it('of 16 simultaneous starts one survives, and serves; all others leave with 0', async ({ arena }) => {
  const starts = await arena.startAtOnce(16, 'daemon');
  await arena.eventually('15 leave', () => arena.processes.alive.length === 1);
  const [survivor] = arena.processes.alive;
  await arena.expectOneSurvivor(survivor!);
  for (const { ending, name } of starts.filter((process) => process !== survivor)) {
    expect({ name, ending }).toMatchObject({ name, ending: { code: 0, signal: null } });
  }
});

it('a stopped daemon leaves only a free claim, and the next start owns', async ({ arena }) => {
  const first = await arena.start('first');
  await arena.untilStoppable(first);
  const helper = await arena.helperOf(first);
  const { nonce } = arena.head()!;
  first.signal('SIGTERM');
  expect(await arena.endOf(first)).toMatchObject({ code: 0, signal: null });
  await arena.eventually('the helper ends', () => !arena.processes.isAlive(helper));
  expect(arena.names()).toEqual([`gen-${arena.newest()}`]);
  expect(arena.head()).toMatchObject({ kind: 'free', pid: first.pid, nonce });
  expect(await arena.ask('/health')).toBeNull();

  const second = await arena.start('second');
  await arena.expectOneSurvivor(second);
  expect(arena.hasMarked(second, 'takeover')).toBe(false);
});

it.for(['SIGINT', 'SIGHUP'] as const)('%s is asking too', async (signal, { arena }) => {
  const daemon = await arena.start('daemon');
  await arena.untilStoppable(daemon);
  daemon.signal(signal);
  expect(await arena.endOf(daemon)).toMatchObject({ code: 0, signal: null });
  expect(arena.head()?.kind).toBe('free');
});

it('claims are complete whenever they can be seen', async ({ arena }) => {
  const daemon = await arena.start('daemon');
  let text: string | null = null;
  await arena.eventually('a claim', () => {
    text = newestClaim(arena);
    return text !== null;
  });
  // The first read may happen at any moment: a published file is complete.
  expect(parseClaim(text!)).toMatchObject({
    kind: 'owner',
    pid: daemon.pid,
    startTicks: daemon.startTicks,
    uid: process.getuid?.(),
  });
  await arena.expectOneSurvivor(daemon);
});

/** `null` if there is none yet, or if its owner has published the next one and removed this one in between. */
function newestClaim(arena: Arena): string | null {
  try {
    return readFileSync(arena.path(`gen-${arena.newest()}`), 'utf8');
  } catch {
    return null;
  }
}
