/** What the properties share: their scenarios, and how a counterexample is found. */

import {
  assertHolds,
  type GeneratedRun,
  ScheduleError,
  scheduleArbitrary,
} from '../../src/fast-check/index.ts';
import type { Schedule } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import fc from '../fc.ts';

/** How many schedules the tests of each property try; the nightly tests try more. */
export const FEW = 100;

export function find(id: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`no scenario ${id}`);
  return found;
}

/** Any schedule of the scenario, faults included, violates nothing. */
export async function allHold(scenario: Scenario, { numRuns }: { numRuns: number }): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scheduleArbitrary(scenario), (schedule) => assertHolds(scenario, schedule)),
    { numRuns },
  );
}

/** All generated runs violate nothing. */
export async function allRunsHold(
  runs: fc.Arbitrary<GeneratedRun>,
  { numRuns }: { numRuns: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(runs, ({ scenario, schedule }) => assertHolds(scenario, schedule)),
    { numRuns },
  );
}

/** A counterexample and what it violates. */
export interface Found {
  readonly schedule: Schedule;
  readonly error: ScheduleError;
}

/** Some schedule of the scenario violates the invariant; fast-check finds it and shrinks it. */
export async function findCounterexample(scenario: Scenario, invariant: string): Promise<Found> {
  const details = await fc.check(
    fc.asyncProperty(scheduleArbitrary(scenario), async (schedule) => {
      const error = await violationOf(scenario, schedule);
      if (error?.invariant === invariant) throw error;
    }),
    { numRuns: 20_000 },
  );
  if (!details.failed || details.counterexample === null)
    throw new Error(`${details.numRuns} schedules, and none violates "${invariant}"`);
  return { schedule: details.counterexample[0], error: details.errorInstance as ScheduleError };
}

/** What a schedule violates; `null`: nothing. */
async function violationOf(scenario: Scenario, schedule: Schedule): Promise<ScheduleError | null> {
  try {
    await assertHolds(scenario, schedule);
    return null;
  } catch (error) {
    if (error instanceof ScheduleError) return error;
    throw error;
  }
}
