// Keeps the first runs of each scenario until they are repeated after the last: what a program has used up by then shows.
import type { Scenario } from '../scenario.ts';
import { repeat, type TracedRun, type Unstable } from './traced-run.ts';

const kept = new WeakMap<Scenario, readonly TracedRun[]>();

/** To be called with the very first runs of a scenario in this thread. */
export function keepFirstRuns(scenario: Scenario, runs: readonly TracedRun[]): void {
  kept.set(scenario, runs);
}

/** The first runs that have not been repeated yet. */
export function firstRunsOf(scenario: Scenario): readonly TracedRun[] {
  return kept.get(scenario) ?? [];
}

/** Makes the first runs of this thread again, once. Null: they went the same way. */
export async function repeatFirstRuns(
  scenario: Scenario,
  patienceMs: number | undefined,
): Promise<Unstable | null> {
  const runs = firstRunsOf(scenario);
  kept.delete(scenario);
  for (const run of runs) {
    const unstable = await repeat(scenario, run, patienceMs);
    if (unstable !== null) return unstable;
  }
  return null;
}
