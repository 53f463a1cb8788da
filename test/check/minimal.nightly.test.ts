/** With an unlimited budget, a counterexample cannot be made smaller by any single move. */
import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { shrink } from '../../src/check/shrink.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { smallerByOneMove } from './moves.ts';

describe('a shrunk counterexample is minimal under single moves', () => {
  const violated = SCENARIOS.filter(({ expects }) => expects === 'violation');

  it.each(violated.map((scenario) => [scenario.id, scenario] as const))(
    '%s',
    async (_, scenario) => {
      const { found } = await search(scenario, { seed: 1, runs: 2_000 });
      expect(found).not.toBeNull();
      const smallest = await shrink(scenario, found!.schedule, found!.failure, {
        maxSteps: Number.POSITIVE_INFINITY,
      });
      expect(smallest.cutShort).toBeNull();
      expect(await smallerByOneMove(scenario, smallest)).toBeNull();
    },
    600_000,
  );
});
