// How long a program may run without yielding before it is interrupted. The time is shorter once its scenario is known to hang.

import type { Scenario } from '../scenario/options.ts';
import type { Failure } from './failure.ts';
import { isByRealTime } from './real-time.ts';

/** Real time after which a program that does not yield is interrupted. Chosen by hand. */
export const HANG_TIMEOUT_MS = 5_000;

/** The same for a scenario that is known to hang, where it only confirms what is already known. Chosen by hand. */
export const SHORT_HANG_TIMEOUT_MS = 1_000;

/** A single hang may be caused by a suspended or busy machine. After this many in a row, a scenario is known to hang. */
const HANGS_IN_A_ROW = 2;

const hangs = new WeakMap<Scenario, number>();

/** The timeout for the next run of a scenario, in milliseconds of real time. */
export function hangTimeoutOf(scenario: Scenario): number {
  return (hangs.get(scenario) ?? 0) < HANGS_IN_A_ROW ? HANG_TIMEOUT_MS : SHORT_HANG_TIMEOUT_MS;
}

/** A run of the scenario was interrupted. */
export function sawHang(scenario: Scenario): void {
  hangs.set(scenario, (hangs.get(scenario) ?? 0) + 1);
}

/** A run of the scenario ended by itself. */
export function sawEnd(scenario: Scenario): void {
  hangs.delete(scenario);
}

/** Another thread has seen this failure twice: if it is a hang, the scenario is known to hang in this thread too. */
export function knowIfHung(scenario: Scenario, failure: Pick<Failure, 'invariant'> | undefined): void {
  if (isByRealTime(failure)) hangs.set(scenario, HANGS_IN_A_ROW);
}
