// Keeps the first runs of each scenario until they are repeated after the last: what a program has used up by then shows.

import type { Coverage } from '../../run/coverage.ts';
import type { Stop } from '../../run/deadline.ts';
import type { Failure } from '../../run/failure.ts';
import { isByRealTime } from '../../run/real-time.ts';
import type { Scenario } from '../../scenario/options.ts';
import { repeat, type TracedRun, type Unstable } from './traced-run.ts';

/** What the first runs of a scenario have shown. */
export interface FirstRuns {
  readonly runs: readonly TracedRun[];
  readonly steps: number;
  /** @throws what a question of the scenario has thrown */
  readonly coverage: () => Coverage;
}

const kept = new WeakMap<Scenario, FirstRuns>();

/** To be called with the very first runs of a scenario in this thread. */
export function keepFirstRuns(scenario: Scenario, first: FirstRuns): void {
  kept.set(scenario, first);
}

/** Null: none have been made, or they have been repeated by now. */
export function firstRunsOf(scenario: Scenario): FirstRuns | null {
  return kept.get(scenario) ?? null;
}

/**
 * The first run that violated something. Null: none did.
 *
 * @param byRealTime whether one counts that was ended by the clock of the real machine
 */
export function failingOf(
  { runs }: FirstRuns,
  byRealTime: boolean,
): (TracedRun & { readonly failure: Failure }) | null {
  const failing = runs.find((run) => run.failure !== null && (byRealTime || !isByRealTime(run.failure)));
  return (failing as (TracedRun & { readonly failure: Failure }) | undefined) ?? null;
}

/**
 * Makes the first runs of this thread again, once. Null: they went the same way.
 *
 * @param stop ends it early; what is not repeated by then counts as the same
 */
export async function repeatFirstRuns(
  scenario: Scenario,
  patienceMs: number | undefined,
  stop?: Stop,
): Promise<Unstable | null> {
  const { runs } = kept.get(scenario) ?? { runs: [] };
  kept.delete(scenario);
  return repeat(scenario, runs, patienceMs, stop);
}
