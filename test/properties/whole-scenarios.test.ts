import { describe, it } from 'vitest';
import { allRunsHold } from './property.ts';
import { runsOf, SYSTEMS } from './whole-scenarios.ts';

/** The nightly tests try many more. */
const NUM_RUNS = 12;

describe('any number of starts at any time, any faults, any files that are there before', () => {
  it.each(SYSTEMS)('$id', async (system) => {
    await allRunsHold(runsOf(system), { numRuns: NUM_RUNS });
  });
});
