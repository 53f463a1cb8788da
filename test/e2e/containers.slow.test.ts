/** Owners in PID namespaces of their own, as in containers that share a volume. Only root may make them everywhere. */
import { expect } from 'vitest';
import { arenaTest } from './fixture.ts';

const it = arenaTest.runIf(process.getuid?.() === 0);

it('a start outside takes over from a container that was killed', async ({ arena }) => {
  const container = await arena.startInContainer('container');
  await arena.eventually('it serves', () => arena.isServed());
  expect(arena.head()).toMatchObject({ pid: 1, certificate: true });
  container.signal('SIGKILL');
  await arena.endOf(container);
  const next = await arena.start('next');
  await arena.untilServes(next);
  expect(arena.hasMarked(next, 'takeover')).toBe(true);
  expect(arena.hasMarked(next, 'challenge')).toBe(false);
  expect(arena.processes.alive).toEqual([next]);
});

it('a start in a new container takes over from one that was killed', async ({ arena }) => {
  const crashed = await arena.startInContainer('crashed');
  await arena.eventually('it serves', () => arena.isServed());
  const { nonce } = arena.head()!;
  crashed.signal('SIGKILL');
  await arena.endOf(crashed);
  const next = await arena.startInContainer('next');
  await arena.eventually(
    'the next serves',
    async () => arena.head()?.nonce !== nonce && (await arena.isServed()),
  );
  expect(arena.hasMarked(next, 'takeover')).toBe(true);
  expect(arena.hasMarked(next, 'challenge')).toBe(false);
});

it('a start leaves alone an owner that lives in a container, and waits for none that it finds', async ({
  arena,
}) => {
  await arena.startInContainer('container');
  await arena.eventually('it serves', () => arena.isServed());
  const { nonce } = arena.head()!;
  const start = await arena.start('start');
  expect(await arena.endOf(start)).toMatchObject({ code: 0, signal: null });
  expect(arena.head()!.nonce).toBe(nonce);
  expect(await arena.isServed()).toBe(true);
});
