import { expect } from 'vitest';
import { type ExploreOptions, explore } from '../../src/explore/index.ts';
import type { Run } from '../../src/run/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { scenarioOf, type Tiny } from './tiny.ts';

/** How a run can end: what has become of everybody; and files, if anybody looks at them. */
function outcomeOf(run: Run): string {
  const processes = run.world.processes.map(({ name, state, exitCode, exitSignal }) => [
    name,
    state,
    exitCode,
    exitSignal,
  ]);
  return JSON.stringify([
    run.scenario.invariants.length === 0 ? null : Object.entries(run.machine.fs.toJSON()).sort(),
    processes,
    run.world.currentClaims.map(({ process }) => process.name),
  ]);
}

/** The outcomes of all runs that a search makes. */
export async function outcomes(scenario: Scenario, options: ExploreOptions) {
  const found = new Set<string>();
  const report = await explore(scenario, {
    isolation: false,
    ...options,
    onEnd: (run) => found.add(outcomeOf(run)),
  });
  return { report, found: [...found].sort() };
}

/** Asserts that the search reaches these outcomes. @returns how many executions it takes */
export async function reaches(model: Tiny, found: readonly string[]): Promise<number> {
  const some = await outcomes(scenarioOf(model), {});
  expect(some.report.complete).toBe(true);
  expect(some.found).toEqual(found);
  return some.report.executions;
}
