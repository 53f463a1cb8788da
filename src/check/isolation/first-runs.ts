// Keeps the first runs of each scenario until they are repeated after the last: what a program has used up by then shows.
import { isByRealTime } from '../real-time.ts';
import type { Failure } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import { repeat, type TracedRun, type Unstable } from './traced-run.ts';

const kept = new WeakMap<Scenario, readonly TracedRun[]>();

/** To be called with the very first runs of a scenario in this thread. */
export function keepFirstRuns(scenario: Scenario, runs: readonly TracedRun[]): void {
  kept.set(scenario, runs);
}

/** The first run that violated something. Null: none did, or they have been repeated by now. */
export function failingFirstRun(scenario: Scenario): (TracedRun & { readonly failure: Failure }) | null {
  const failing = kept.get(scenario)?.find((run) => run.failure !== null && !isByRealTime(run.failure));
  return (failing as (TracedRun & { readonly failure: Failure }) | undefined) ?? null;
}

/** Makes the first runs of this thread again, once. Null: they went the same way. */
export async function repeatFirstRuns(
  scenario: Scenario,
  patienceMs: number | undefined,
): Promise<Unstable | null> {
  const runs = kept.get(scenario) ?? [];
  kept.delete(scenario);
  for (const run of runs) {
    const unstable = await repeat(scenario, run, patienceMs);
    if (unstable !== null) return unstable;
  }
  return null;
}
