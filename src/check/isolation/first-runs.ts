// Keeps the first runs of each scenario to repeat them after the last run: if a program has changed shared variables, they differ.

import type { Coverage } from '../../run/coverage.ts';
import type { Stop } from '../../run/deadline.ts';
import type { Failure } from '../../run/failure.ts';
import { isByRealTime } from '../../run/real-time.ts';
import type { Scenario } from '../../scenario/options.ts';
import { repeat, type TracedRun, type Unstable } from './traced-run.ts';

/** The first runs of a scenario. */
export interface FirstRuns {
  readonly runs: readonly TracedRun[];
  readonly steps: number;
  /** @throws the exception of a predicate of the scenario */
  readonly coverage: () => Coverage;
}

const kept = new WeakMap<Scenario, FirstRuns>();

/** Call it with the first runs of a scenario in this thread. */
export function keepFirstRuns(scenario: Scenario, first: FirstRuns): void {
  kept.set(scenario, first);
}

/** `null` if there are none, or if they were already repeated. */
export function firstRunsOf(scenario: Scenario): FirstRuns | null {
  return kept.get(scenario) ?? null;
}

/**
 * The first run that violated an invariant, if any.
 *
 * @param byRealTime whether a run that was ended by the real clock counts
 */
export function failingOf(
  { runs }: FirstRuns,
  byRealTime: boolean,
): (TracedRun & { readonly failure: Failure }) | null {
  const failing = runs.find((run) => run.failure !== null && (byRealTime || !isByRealTime(run.failure)));
  return (failing as (TracedRun & { readonly failure: Failure }) | undefined) ?? null;
}

/**
 * Repeats the first runs of this thread, once. `null` if there is no difference.
 *
 * @param stop stops early; runs that were not repeated count as equal
 */
export async function repeatFirstRuns(
  scenario: Scenario,
  hangTimeoutMs: number | undefined,
  stop?: Stop,
): Promise<Unstable | null> {
  const { runs } = kept.get(scenario) ?? { runs: [] };
  kept.delete(scenario);
  return repeat(scenario, runs, hangTimeoutMs, stop);
}
