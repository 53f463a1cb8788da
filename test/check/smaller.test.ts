/** Which counterexample is smaller, and which runs may take the place of one. */
import { describe, expect, it } from 'vitest';
import { type Cost, isLess } from '../../src/check/counterexample.ts';
import { shrink } from '../../src/check/shrink.ts';
import type { Program } from '../../src/ports/index.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { always } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from './helpers.ts';

describe('a counterexample is smaller', () => {
  const cost: Cost = { faults: 1, contenders: 2, switches: 3, steps: 4 };

  it.each<[string, Partial<Cost>]>([
    ['fewer faults, whatever else it has more of', { faults: 0, contenders: 3, switches: 9, steps: 9 }],
    ['as many faults and fewer processes', { contenders: 1, switches: 9, steps: 9 }],
    ['as many processes and fewer context switches', { switches: 2, steps: 9 }],
    ['fewer steps and nothing else more', { steps: 3 }],
  ])('with %s', (_, other) => {
    expect(isLess({ ...cost, ...other }, cost)).toBe(true);
    expect(isLess(cost, { ...cost, ...other })).toBe(false);
  });
});

describe('shrinking', () => {
  const marks =
    (name: string): Program =>
    async ({ mark, clock }) => {
      await clock.sleep(5);
      mark(name);
    };
  const isMarked = (...names: string[]) =>
    always(names.join(' and '), ({ marks: made }) =>
      names.every((name) => made.has(name)) ? 'they are' : null,
    );

  it('keeps to the invariant that was violated, though another one is violated sooner', async () => {
    const scenario = scenarioOf(
      { a: marks('a'), b: marks('b') },
      { invariants: [isMarked('a', 'b'), isMarked('b')] },
    );
    const { failure } = await runOnce(scenario);
    expect(failure).toMatchObject({ invariant: 'a and b' });
    const smallest = await shrink(scenario, emptySchedule(), failure!);
    expect(smallest.failure).toEqual(failure);
  });

  it('counts the start of a run as 50 steps', async () => {
    let starts = 0;
    const a: Program = async (ports) => {
      starts++;
      await marks('a')(ports, []);
    };
    const scenario = scenarioOf({ a, b: marks('b') }, { invariants: [isMarked('a', 'b')] });
    const { failure } = await runOnce(scenario);
    starts = 0;
    await shrink(scenario, emptySchedule(), failure!, { maxSteps: 500 });
    expect(starts).toBeGreaterThan(4);
    expect(starts).toBeLessThan(14);
  });

  it('ends after as many steps as asked for, and says so', async () => {
    const scenario = scenarioOf({ a: marks('a'), b: marks('b') }, { invariants: [isMarked('a', 'b')] });
    const { failure } = await runOnce(scenario);
    const { cutShort } = await shrink(scenario, emptySchedule(), failure!, { maxSteps: 1 });
    expect(cutShort).toEqual(expect.stringMatching(/^after \d+ steps$/));
    expect((await shrink(scenario, emptySchedule(), failure!)).cutShort).toBeNull();
  });
});
