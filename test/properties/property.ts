import fc from 'fast-check';
import { executeOne, ReplayedChoices, Run, type Schedule } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { scheduleArbitrary } from '../../src/schedule/arbitrary.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

/** Fixed, so that a red build is red again; fast-check prints it with the counterexample. */
const SEED = 20_261_122;

export function find(id: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
}

/** What a schedule of a scenario violates; null: nothing. */
export async function violation(scenario: Scenario, schedule: Schedule): Promise<string | null> {
  const failure = await executeOne(new Run(scenario, new ReplayedChoices(schedule)));
  return failure === null ? null : `${failure.invariant}: ${failure.message}`;
}

/** Any schedule of the scenario, faults included, violates nothing. */
export async function assertHolds(scenario: Scenario, { numRuns }: { numRuns: number }): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scheduleArbitrary(), async (schedule) => {
      const found = await violation(scenario, schedule);
      if (found !== null) throw new Error(found);
    }),
    { numRuns, seed: SEED },
  );
}

/** Some schedule of the scenario violates the invariant; fast-check finds it and makes it small. */
export async function findCounterexample(scenario: Scenario, invariant: string): Promise<Schedule> {
  const details = await fc.check(
    fc.asyncProperty(scheduleArbitrary(), async (schedule) => {
      const found = await violation(scenario, schedule);
      return found === null || !found.startsWith(`${invariant}:`);
    }),
    { numRuns: 20_000, seed: SEED, endOnFailure: false },
  );
  if (!details.failed || details.counterexample === null) {
    throw new Error(`${details.numRuns} schedules, and none violates "${invariant}"`);
  }
  return details.counterexample[0];
}

export function deviations(schedule: Schedule): number {
  return Object.values(schedule)
    .flat()
    .filter((choice) => choice !== 0).length;
}
