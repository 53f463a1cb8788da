import { describe, expect, it } from 'vitest';
import { check, countRuns, search } from '../../src/check/index.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import { always, type Scenario, scenario } from '../../src/scenario/index.ts';
import { findStrategy, STRATEGIES } from '../../src/schedule/index.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';

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

describe('a machine that sleeps while it searches', () => {
  /** In the middle of the n-th look at the world everything stands still, for longer than a search has patience. */
  function sleepy(at: readonly number[]): Scenario {
    let looks = 0;
    const sleeps = always('sleeps', () => {
      if (!at.includes(++looks)) return null;
      for (;;) {}
    });
    const { hash: _, ...options } = sound;
    return scenario({
      ...options,
      programs: Object.fromEntries(sound.programs),
      invariants: [...sound.invariants, sleeps],
    });
  }

  it.each(['portfolio', 'novelty', 'random'])('%s finds no more than one that is awake', async (name) => {
    const options = { seed: 3, runs: 40, strategy: findStrategy(name)!, patienceMs: 500 };
    const awake = await search(sleepy([]), options);
    expect(await search(sleepy([1_500, 3_000, 5_000]), options)).toEqual(awake);
    expect(awake.runs).toBe(40);
  });

  it('is not one whose invariant never returns', async () => {
    const hangs = sleepy(Array.from({ length: 10_000 }, (_, i) => 700 + i));
    const { found } = await search(hangs, { seed: 3, runs: 40, patienceMs: 500 });
    expect(found?.failure.invariant).toBe(BUILT_IN['hung-invariant']);
  });
});
