// `npm run selfcheck` makes the same runs of all scenarios, so CI has this too: here it is for those who only run the mutants.
import { describe, expect, it } from 'vitest';
import { search } from '../../src/check/index.ts';
import { protocolMutants } from '../../src/mutation/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

/** A scenario that fails by itself would kill any mutant. */
const CONTROL_RUNS = 100;
const SEED = 1;

const MUTANTS = protocolMutants();

describe('the protocol as it is passes', () => {
  it.each([...new Set(MUTANTS.flatMap(({ killedBy }) => killedBy))])('%s', async (id) => {
    const scenario = SCENARIOS.find((candidate) => candidate.id === id)!;
    expect(await search(scenario, { seed: SEED, runs: CONTROL_RUNS })).toMatchObject({
      runs: CONTROL_RUNS,
      found: null,
    });
  });
});
