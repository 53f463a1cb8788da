// Old names work until version 0.3. Where there is a place for it, a note names the new one.
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import { always, type World } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const idle = scenarioOf({ idle: async ({ clock }) => clock.sleep(1) });
const spins = scenarioOf({
  spins: async () => {
    for (;;) {}
  },
});

describe('patienceMs', () => {
  it('is hangTimeoutMs, and the report says so', async () => {
    const options = { seed: 1, runs: 1, isolation: false } as const;
    const before = await check(spins, { ...options, patienceMs: 200 });
    const now = await check(spins, { ...options, hangTimeoutMs: 200 });
    expect(before.violations[0]!.message).toContain('spins#1 did not yield for 200 ms of real time');
    expect(before.violations[0]!.message).toBe(now.violations[0]!.message);
    expect(before.notes).toEqual([
      'the option patienceMs is deprecated and works until version 0.3: use hangTimeoutMs',
    ]);
    expect(now.notes).toBeUndefined();
  });

  it('is refused beside its new name, and with a number that is not accepted', async () => {
    await expect(check(idle, { seed: 1, patienceMs: 5, hangTimeoutMs: 5 })).rejects.toThrow(
      new TypeError('check: got hangTimeoutMs and patienceMs, its old name: expected only hangTimeoutMs'),
    );
    await expect(check(idle, { seed: 1, patienceMs: 0 })).rejects.toThrow(
      'patienceMs: got 0: expected a whole number from 1, or Infinity',
    );
  });
});

it('world.notes is world.invariantState', async () => {
  const seen: boolean[] = [];
  const compare = always('the same map', (world) => {
    seen.push(world.notes === world.invariantState);
    return null;
  });
  await runOnce(scenarioOf({ idle: async () => 0 }, { invariants: [compare] }));
  expect(seen.length).toBeGreaterThan(0);
  expect(seen).not.toContain(false);
});

it('soundForMs of an eviction is runningForMs', async () => {
  let seen: World['evictions'] = [];
  const look = always('look', ({ evictions }) => {
    seen = evictions;
    return null;
  });
  await runOnce(
    scenarioOf(
      {
        target: async ({ clock }) => clock.sleep(100),
        evictor: async ({ clock, mark, process }) => {
          await clock.sleep(50);
          mark('evict', { pid: (await process.self()).pid - 1 });
        },
      },
      { invariants: [look] },
    ),
  );
  expect(seen).toHaveLength(1);
  expect(seen[0]!.runningForMs).toBeGreaterThanOrEqual(50);
  expect(seen[0]!.soundForMs).toBe(seen[0]!.runningForMs);
});

it('ports.episode is ports.summarize: explore joins the same states', async () => {
  const pair = (name: 'episode' | 'summarize') =>
    scenarioOf(
      {
        looker: async (ports) => {
          await ports.fs.writeFile(`/${(await ports.process.self()).pid}`, '');
          const many = await ports[name](
            async () => ports.fs.readdir('/'),
            (names) => names.length > 1,
          );
          ports.mark(many.length > 1 ? 'many' : 'one');
        },
      },
      { start: [{ program: 'looker', count: 2 }] },
    );
  const [before, now] = await Promise.all([explore(pair('episode')), explore(pair('summarize'))]);
  expect(before.complete).toBe(true);
  expect(before.states).toBe(now.states);
  expect(before.assumed).toEqual(now.assumed);
  expect(pair('episode').hash).toBe(pair('summarize').hash);
});
