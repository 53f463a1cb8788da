import { writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parseClaim } from '../../src/model/index.ts';
import type { RealProcess } from '../../src/real/index.ts';
import type { Arena } from './arena.ts';
import { arenaTest } from './fixture.ts';

const it = arenaTest.concurrent;

it('after SIGKILL the next start takes over, and reaps the helper that was left', async ({ arena }) => {
  const first = await arena.start('first');
  await arena.untilServes(first);
  const orphan = await arena.helperOf(first);
  first.signal('SIGKILL');
  await arena.endOf(first);
  expect(arena.processes.isAlive(orphan)).toBe(true);

  const second = await arena.start('second');
  await arena.expectOneSurvivor(second);
  expect(arena.hasMarked(second, 'takeover')).toBe(true);
  expect(arena.hasMarked(second, 'reaped')).toBe(true);
  expect(arena.processes.isAlive(orphan)).toBe(false);
  const helper = await arena.helperOf(second);
  expect(helper).not.toEqual(orphan);
});

it('of eight starts after a SIGKILL one takes over', async ({ arena }) => {
  const first = await arena.start('first');
  await arena.untilServes(first);
  first.signal('SIGKILL');
  await arena.endOf(first);
  const nexts = await arena.startAtOnce(8, 'next');
  await arena.eventually('seven leave', () => arena.processes.alive.length === 1);
  const [survivor] = arena.processes.alive;
  await arena.expectOneSurvivor(survivor!);
  const losers = nexts.filter((next) => next !== survivor);
  expect(losers.map(({ ending }) => ending?.code)).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

it('an owner that is stopped past its lease is challenged, then ended at once', async ({ arena }) => {
  const stopped = await arena.start('stopped');
  await arena.untilServes(stopped);
  const orphan = await arena.helperOf(stopped);
  stopped.signal('SIGSTOP');
  const contender = await arena.start('contender');
  await arena.expectOneSurvivor(contender);
  expect(stopped.ending).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(arena.hasMarked(contender, 'evict')).toBe(true);
  const signals = arena.trace(contender).filter(({ op, args }) => op === 'kill' && args.pid === stopped.pid);
  expect(signals.map(({ args }) => args.signal)).toEqual(['SIGKILL']);
  expect(arena.processes.isAlive(orphan)).toBe(false);
});

it('an owner that is stopped for less than its lease is not even challenged', async ({ arena }) => {
  const timing = { leaseMs: 20_000 };
  const owner = await arena.start('owner', timing);
  await arena.untilServes(owner);
  const generation = arena.newest();
  owner.signal('SIGSTOP');
  const contender = await arena.start('contender', timing);
  await arena.eventually('it looks', () => looks(arena, contender) >= 3);
  owner.signal('SIGCONT');
  expect(await arena.endOf(contender)).toMatchObject({ code: 0, signal: null });
  await arena.expectOneSurvivor(owner);
  expect(arena.newest()).toBe(generation);
});

/** How often a contender has looked at the state of a process. */
function looks(arena: Arena, contender: RealProcess): number {
  return arena.trace(contender).filter(({ op }) => op === 'processInfo').length;
}

/** A contender that takes an owner for one that hangs as soon as it does not answer. */
const HASTY = { hangMs: 500 };

it('an owner whose event loop is busy for longer than its lease is left alone', async ({ arena }) => {
  const owner = await arena.startBlocking('owner');
  await arena.untilServes(owner);
  owner.signal('SIGUSR2');
  const contender = await arena.start('contender', { hangMs: 200_000, patienceMs: 200_000 });
  // Each look takes two probes: after the fourth, its lease would be over.
  await arena.eventually('it looks', () => looks(arena, contender) >= 4);
  arena.unblock();
  expect(await arena.endOf(contender)).toMatchObject({ code: 0, signal: null });
  await arena.expectOneSurvivor(owner);
  expect(arena.hasMarked(contender, 'challenge')).toBe(false);
});

it('an owner that answers again during the challenge renews its claim and stays', async ({ arena }) => {
  const timing = { ...HASTY, challengeMs: 50_000 };
  const owner = await arena.startBlocking('owner', timing);
  await arena.untilServes(owner);
  const generation = arena.newest();
  owner.signal('SIGUSR2');
  const contender = await arena.start('contender', timing);
  await arena.eventually('the challenge', () => arena.head()?.kind === 'challenge');
  arena.unblock();
  expect(await arena.endOf(contender)).toMatchObject({ code: 0, signal: null });
  await arena.expectOneSurvivor(owner);
  expect(arena.newest()).toBeGreaterThan(generation + 1);
  expect(arena.judge().marks.get('evict')).toBeUndefined();
});

it('an owner that answers again while it is being evicted ends by itself', async ({ arena }) => {
  const timing = { termGraceMs: 40_000, bootGraceMs: 45_000 };
  const owner = await arena.startBlocking('owner', timing);
  await arena.untilServes(owner);
  owner.signal('SIGUSR2');
  const contender = await arena.start('contender', { ...timing, ...HASTY });
  await arena.eventually('the eviction', () => arena.hasMarked(contender, 'evict'));
  arena.unblock();
  // By the signal, or because it notices first that another process has taken over.
  expect([0, 75]).toContain((await arena.endOf(owner)).code);
  await arena.expectOneSurvivor(contender);
});

it('a contender that is stopped after its challenge finds the next owner, and leaves', async ({ arena }) => {
  const owner = await arena.startBlocking('owner');
  await arena.untilServes(owner);
  owner.signal('SIGUSR2');
  const sleeper = await arena.start('sleeper', { ...HASTY, challengeMs: 30_000 });
  await arena.eventually('the challenge', () => arena.head()?.kind === 'challenge');
  sleeper.signal('SIGSTOP');
  const next = await arena.start('next');
  await arena.untilServes(next);
  sleeper.signal('SIGCONT');
  expect(await arena.endOf(sleeper)).toMatchObject({ code: 0, signal: null });
  await arena.expectOneSurvivor(next);
});

it('a contender that is stopped in the middle of an eviction is evicted too', async ({ arena }) => {
  const owner = await arena.startBlocking('owner');
  await arena.untilServes(owner);
  owner.signal('SIGUSR2');
  const sleeper = await arena.start('sleeper', { ...HASTY, termGraceMs: 60_000 });
  await arena.eventually('the eviction', () => arena.hasMarked(sleeper, 'evict'));
  sleeper.signal('SIGSTOP');
  const next = await arena.start('next');
  await arena.expectOneSurvivor(next);
  expect(owner.ending).toMatchObject({ signal: 'SIGKILL' });
  expect(sleeper.ending).toMatchObject({ signal: 'SIGKILL' });
});

it('a claim with a stranger’s PID, but not its start time, is of a dead owner: the stranger is left alone', async ({
  arena,
}) => {
  const stranger = await arena.stranger('setInterval(() => {}, 2 ** 30)');
  const first = await arena.start('first');
  await arena.untilServes(first);
  first.signal('SIGKILL');
  await arena.endOf(first);
  const path = arena.path(`gen-${arena.newest()}`);
  const forged = { ...arena.head()!, pid: stranger.pid, startTicks: stranger.startTicks - 1 };
  expect(parseClaim(JSON.stringify(forged))).toEqual(forged);
  writeFileSync(path, JSON.stringify(forged));

  const second = await arena.start('second');
  await arena.untilServes(second);
  expect(arena.hasMarked(second, 'takeover')).toBe(true);
  expect(arena.hasMarked(second, 'evict')).toBe(false);
  expect(stranger.ending).toBeNull();
  stranger.signal('SIGKILL');
  await arena.endOf(stranger);
  await arena.expectOneSurvivor(second);
});

it('a claim of format 1 with a stranger’s PID and start time, but another command, is not evicted: blocked', async ({
  arena,
}) => {
  const stranger = await arena.stranger('setInterval(() => {}, 2 ** 30)');
  const first = await arena.start('first');
  await arena.untilServes(first);
  const orphan = await arena.helperOf(first);
  first.signal('SIGKILL');
  await arena.endOf(first);
  const { format: _, ...ofFormat1 } = arena.head()!;
  const forged = { ...ofFormat1, pid: stranger.pid, startTicks: stranger.startTicks };
  writeFileSync(arena.path(`gen-${arena.newest()}`), JSON.stringify(forged));
  const second = await arena.start('second', { bootGraceMs: 500, patienceMs: 3_000 });
  expect(await arena.endOf(second)).toMatchObject({ code: 69, signal: null });
  expect(stranger.ending).toBeNull();
  expect(arena.judge().holds).toBe(true);
  expect(arena.processes.isAlive(orphan)).toBe(true);
});
