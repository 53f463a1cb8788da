// The properties of the other files, with five times as many schedules, and other ones each night.
import { describe, it } from 'vitest';
import { runArbitrary } from '../../src/fast-check/index.ts';
import { LOCK } from '../../src/systems/model/lock.ts';
import { OWNER } from '../../src/systems/model/owner.ts';
import { allHold, allRunsHold, FEW, find } from './property.ts';
import { runsOf, SYSTEMS } from './whole-scenarios.ts';

const MANY = 5 * FEW;

describe('many schedules violate nothing', () => {
  it.each([...LOCK, ...OWNER].map(({ id }) => id))('of %s', async (id) => {
    await allHold(find(id), { numRuns: MANY });
  });

  it('of any number of starts at any time, from one to twelve', async () => {
    await allRunsHold(runArbitrary(find('model/lock/cold-start'), { more: 8 }), { numRuns: MANY });
  });

  it.each(SYSTEMS)('of any scenario like $id', async (system) => {
    await allRunsHold(runsOf(system), { numRuns: MANY });
  });
});
