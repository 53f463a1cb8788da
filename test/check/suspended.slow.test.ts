import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { BUILT_IN } from '../../src/run/index.ts';
import { always, type Scenario, scenario } from '../../src/scenario/index.ts';
import { findStrategy } from '../../src/schedule/index.ts';
import { MODEL } from '../../src/systems/model/scenarios.ts';

const sound = MODEL[0]!;

/** Numbers of looks at the world, in different runs. */
const SUSPENDED_AT = [1_500, 3_000, 3_700, 4_400, 5_100];

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

  it.each(['portfolio', 'novelty', 'random'])(
    '%s makes the same runs although the process was suspended in between',
    async (name) => {
      const options = { seed: 3, runs: 40, strategy: findStrategy(name)!, hangTimeoutMs: 500 };
      const awake = await search(sleepy([]), options);
      expect(await search(sleepy(SUSPENDED_AT), options)).toEqual(awake);
      expect(awake.runs).toBe(40);
    },
  );

  // A shard makes the runs of the others too, to learn from them.
  it('novelty makes the same runs although the process was suspended in between, in a shard', async () => {
    const options = {
      seed: 3,
      runs: 40,
      strategy: findStrategy('novelty')!,
      hangTimeoutMs: 500,
      shard: { index: 1, of: 2 },
    };
    const awake = await search(sleepy([]), options);
    expect(await search(sleepy(SUSPENDED_AT), options)).toEqual(awake);
    expect(awake.runs).toBe(20);
  });

  it('is not one whose invariant never returns', async () => {
    const hangs = sleepy(Array.from({ length: 10_000 }, (_, i) => 700 + i));
    const { found } = await search(hangs, { seed: 3, runs: 40, hangTimeoutMs: 500 });
    expect(found?.failure.invariant).toBe(BUILT_IN['hung-invariant']);
  });
});
