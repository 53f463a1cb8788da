/** Which faults of a scenario strike in generated schedules. */

import { scheduleArbitrary } from '../../src/fast-check/index.ts';
import { executeOne, ReplayedChoices, Run } from '../../src/run/index.ts';
import { plannedFaults, type Scenario } from '../../src/scenario/index.ts';
import fc from '../fc.ts';

const PER_SAMPLE = 10;

/** Runs schedules until each fault has struck, at most so many. @returns the faults that never strike */
export async function faultsThatNeverStrike(scenario: Scenario, mostRuns: number): Promise<string[]> {
  const left = new Set<string>(plannedFaults(scenario));
  for (let seed = 0; seed < mostRuns / PER_SAMPLE && left.size > 0; seed++) {
    for (const schedule of fc.sample(scheduleArbitrary(scenario), { seed, numRuns: PER_SAMPLE })) {
      const run = new Run(scenario, new ReplayedChoices(schedule));
      await executeOne(run);
      for (const [fault, times] of run.strikes()) if (times > 0) left.delete(fault);
    }
  }
  return [...left];
}
