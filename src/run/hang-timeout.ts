// How long a program may go on without yielding before it is ended by force: less, once its scenario is known to hang.

import type { Scenario } from '../scenario/options.ts';
import type { Failure } from './failure.ts';
import { isByRealTime } from './real-time.ts';

/** Real time after which a program that does not yield is ended by force. */
export const PATIENCE_MS = 5_000;

/** The same for a scenario that is known to hang: only what is known already has to be seen again. */
export const SHORT_PATIENCE_MS = 1_000;

/** One may be an accident of the machine, which slept or was busy: from so many in a row on, the scenario is known to hang. */
const HANGS_IN_A_ROW = 2;

const hangs = new WeakMap<Scenario, number>();

/** For the next run of a scenario, in milliseconds of real time. */
export function patienceOf(scenario: Scenario): number {
  return (hangs.get(scenario) ?? 0) < HANGS_IN_A_ROW ? PATIENCE_MS : SHORT_PATIENCE_MS;
}

/** A run of the scenario was ended by force. */
export function sawHang(scenario: Scenario): void {
  hangs.set(scenario, (hangs.get(scenario) ?? 0) + 1);
}

/** A run of the scenario came to its end by itself. */
export function sawEnd(scenario: Scenario): void {
  hangs.delete(scenario);
}

/** Another thread has seen this failure, and seen it again: if it is of this kind, the scenario is known to hang here too. */
export function knowIfHung(scenario: Scenario, failure: Pick<Failure, 'invariant'> | undefined): void {
  if (isByRealTime(failure)) hangs.set(scenario, HANGS_IN_A_ROW);
}
