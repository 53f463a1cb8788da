// In a property each fault that a scenario declares must strike: otherwise it says nothing about that fault.
import { expect, it } from 'vitest';
import { plannedFaults } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { faultsThatNeverStrike } from './strikes.ts';

/** Most need fewer than ten. In the scenarios of a clean stop, a PID is free for a moment only. */
const MOST_RUNS = 600;

const withFaults = SCENARIOS.filter((scenario) => plannedFaults(scenario).length > 0);

it.each(withFaults.map((scenario) => [scenario.id, scenario] as const))(
  'each fault of %s strikes',
  async (_, scenario) => {
    expect(await faultsThatNeverStrike(scenario, MOST_RUNS)).toEqual([]);
  },
);
