// Numbers among the options that make no sense are refused, not searched with.
import { describe, expect, it } from 'vitest';
import { check, search } from '../../src/check/index.ts';
import { explore, exploreLevels } from '../../src/explore/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const scenario = scenarioOf({ idle: async ({ clock }) => clock.sleep(1) });

describe('a number that makes no sense', () => {
  it.each<[object, string]>([
    [{ seed: Number.NaN }, 'seed: got NaN: expected a whole number'],
    [{ seed: 1.5 }, 'seed: got 1.5: expected a whole number'],
    [{ seed: 1, runs: Number.NaN }, 'runs: got NaN: expected a whole number from 0, or Infinity'],
    [{ seed: 1, runs: -1 }, 'runs: got -1: expected a whole number from 0, or Infinity'],
    [{ seed: 1, runs: '10' }, 'runs: got "10": expected a whole number from 0, or Infinity'],
    [{ seed: 1, budgetMs: Number.NaN }, 'budgetMs: got NaN: expected milliseconds: 0 or more, or Infinity'],
    [{ seed: 1, budgetMs: -1 }, 'budgetMs: got -1: expected milliseconds: 0 or more, or Infinity'],
    [{ seed: 1, hangTimeoutMs: 0 }, 'hangTimeoutMs: got 0: expected a whole number from 1, or Infinity'],
  ])('is refused by check and search: %j', async (options, message) => {
    await expect(check(scenario, options as never)).rejects.toThrow(new RangeError(message));
    await expect(search(scenario, options as never)).rejects.toThrow(new RangeError(message));
  });

  it.each<[object, string]>([
    [{ preemptions: -1 }, 'preemptions: got -1: expected a whole number from 0, or Infinity'],
    [{ preemptions: 1.5 }, 'preemptions: got 1.5: expected a whole number from 0, or Infinity'],
    [{ preemptions: Number.NaN }, 'preemptions: got NaN: expected a whole number from 0, or Infinity'],
    [{ faults: -1 }, 'faults: got -1: expected a whole number from 0, or Infinity'],
    [{ maxStates: 0 }, 'maxStates: got 0: expected a whole number from 1, or Infinity'],
    [{ budgetMs: Number.NaN }, 'budgetMs: got NaN: expected milliseconds: 0 or more, or Infinity'],
  ])('is refused by explore and exploreLevels: %j', async (options, message) => {
    await expect(explore(scenario, options)).rejects.toThrow(new RangeError(message));
    await expect(exploreLevels(scenario, options)).rejects.toThrow(new RangeError(message));
  });

  it('may be missing or infinite', async () => {
    const report = await exploreLevels(scenario, { preemptions: Number.POSITIVE_INFINITY, faults: 0 });
    expect(report.verdict).toBe('passed');
    const { POSITIVE_INFINITY: endless } = Number;
    expect((await check(scenario, { seed: -1, runs: 2, budgetMs: endless })).runs).toBe(2);
  });
});
