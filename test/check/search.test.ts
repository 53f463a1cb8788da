import { describe, expect, it } from 'vitest';
import { check, countRuns, search } from '../../src/check/index.ts';
import { always } from '../../src/scenario/index.ts';
import { findStrategy, STRATEGIES } from '../../src/schedule/index.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from './helpers.ts';

const [coldStart] = NAIVE;
const sound = MODEL[0]!;
const never = () => Promise.reject(new Error('searched'));

describe('the strategies', () => {
  it.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
    '%s finds the cold start, and the same one from the same seed',
    async (name, strategy) => {
      expect(findStrategy(name)).toBe(strategy);
      const found = await search(coldStart!, { seed: 5, strategy });
      expect(found.found?.failure.invariant).toBe('at most one owner');
      expect(found.found!.run).toBeLessThan(200);
      expect(await search(coldStart!, { seed: 5, strategy })).toEqual(found);
    },
  );

  it('search elsewhere with another seed', async () => {
    const schedules = new Set<string>();
    for (let seed = 0; seed < 10; seed++) {
      const { found } = await search(coldStart!, { seed });
      schedules.add(JSON.stringify(found!.schedule));
    }
    expect(schedules.size).toBeGreaterThan(5);
  });
});

it('a search that is stopped in the middle of a run counts only the runs of its strategies that are over', async () => {
  const signal = { aborted: false };
  const worlds = new Set<unknown>();
  const stopsIt = always('stops it', (world) => {
    worlds.add(world);
    if (worlds.size < 10 || signal.aborted) return null;
    signal.aborted = true;
    // Longer than a slice, so that the run is not completed.
    const endsAt = performance.now() + 100;
    while (performance.now() < endsAt) {}
    return null;
  });
  const slow = scenarioOf(
    {
      sleeper: async ({ clock }) => {
        for (let i = 0; i < 100; i++) await clock.sleep(1);
      },
    },
    { invariants: [stopsIt], ambient: 'allowed' },
  );
  const { runs, strategies } = await search(slow, { seed: 1, runs: 100, signal });
  expect(runs).toBeGreaterThan(0);
  expect(runs).toBeLessThan(10);
  expect(Object.values(strategies!).reduce((sum, made) => sum + made, 0)).toBe(runs);
});

describe('shards', () => {
  it.each([1, 2, 3, 7])('%d together make the whole', async (of) => {
    const whole = await search(sound, { seed: 9, runs: 20 });
    const shards = await Promise.all(
      Array.from({ length: of }, (_, index) => search(sound, { seed: 9, runs: 20, shard: { index, of } })),
    );
    const sum = (pick: (part: (typeof shards)[number]) => number) =>
      shards.reduce((total, part) => total + pick(part), 0);
    expect(sum(({ runs }) => runs)).toBe(20);
    expect(sum(({ steps }) => steps)).toBe(whole.steps);
    for (const [name, count] of Object.entries(whole.sometimes)) {
      expect(sum(({ sometimes }) => sometimes[name]!)).toBe(count);
    }
    expect(shards.map(({ runs }) => runs)).toEqual(
      shards.map((_, index) => countRuns({ seed: 9, runs: 20, shard: { index, of } })),
    );
  });

  it.each([
    { index: 0, of: 0 },
    { index: 2, of: 2 },
    { index: -1, of: 2 },
    { index: 0, of: 1.5 },
    { index: Number.NaN, of: 2 },
  ])('refuse %o', async (shard) => {
    const expected = /shard: got .*expected whole numbers/;
    await expect(search(sound, { seed: 1, runs: 2, shard })).rejects.toThrow(expected);
    await expect(check(sound, { seed: 1, runs: 2, shard, search: never })).rejects.toThrow(expected);
  });

  it('and ranges keep the numbers of their runs', async () => {
    const { found } = await search(coldStart!, { seed: 6 });
    const from = found!.run - 1;
    const alone = await search(coldStart!, { seed: 6, range: { from, to: from + 1 } });
    expect(alone).toMatchObject({ runs: 1, found });
    const before = await search(coldStart!, { seed: 6, range: { from: 0, to: from } });
    expect(before).toMatchObject({ runs: from, found: null });
    const shard = { index: from % 4, of: 4 };
    expect((await search(coldStart!, { seed: 6, shard })).found).toEqual(found);
  });
});
