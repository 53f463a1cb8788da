/**
 * The bounds and assumptions of the runs of a scenario. Both could hide a violation, so every report names them.
 */
import { DEFAULT_BUSY_MS, DEFAULT_OPERATION_US, FAULTS, type FaultName } from '../sim/index.ts';
import type { Scenario } from './options.ts';
import { plannedFaults } from './planned-faults.ts';

/** What limits each run of a scenario. Plain data. */
export interface RunBounds {
  /** When faults stop striking, in simulated milliseconds since the run began. */
  readonly faultsForMs: number;
  /** When the run ends, in simulated milliseconds: what a program would do later is not observed. */
  readonly endsAtMs: number;
  readonly maxSteps: number;
  /** How long each operation takes, in simulated microseconds. */
  readonly operationUs: number;
  /** For how long in total time may pass although a process could continue, in simulated milliseconds. */
  readonly busyMs: number;
  /** Until when `busyMs` applies, in simulated milliseconds since the run began. Later, time passes only when no process can continue. */
  readonly busyUntilMs: number;
  /** For each fault that may strike, the maximum number of times per run. */
  readonly faults: Readonly<Record<string, number>>;
  /** The longest sleep that did not end within its run, in simulated milliseconds, if any; see `longestSleepBeyondEnd`. */
  readonly unawaitedSleepMs?: number;
}

/** @param seen what was observed in the runs, if there were any */
export function runBoundsOf(scenario: Scenario, seen?: { readonly unawaitedSleepMs: number }): RunBounds {
  const { faultsForMs, settleMs, maxSteps, machine } = scenario;
  return {
    faultsForMs,
    endsAtMs: faultsForMs + settleMs,
    maxSteps,
    operationUs: machine.operationUs ?? DEFAULT_OPERATION_US,
    busyMs: machine.busyMs ?? DEFAULT_BUSY_MS,
    busyUntilMs: busyUntilMsOf(scenario),
    faults: Object.fromEntries(plannedFaults(scenario).map((name) => [name, mostOf(scenario, name)])),
    ...(seen !== undefined && seen.unawaitedSleepMs > 0 && { unawaitedSleepMs: seen.unawaitedSleepMs }),
  };
}

/** How often a fault may strike in a run. */
export function mostOf({ faults }: Pick<Scenario, 'faults'>, name: FaultName): number {
  const plan = faults[name] ?? 0;
  return typeof plan === 'number' ? plan : (plan.max ?? FAULTS[name].defaults?.max ?? 1);
}

export function assumptionsOf({ machine: { twoPhase = [] }, invariants }: Scenario): string[] {
  return [
    ...(invariants.length === 0 ? [NO_INVARIANTS] : []),
    ...(twoPhase.length === 0 ? [RESULT_AT_ONCE] : []),
  ];
}

const NO_INVARIANTS = 'it has no invariants of its own: only the built-in ones were checked';
const RESULT_AT_ONCE =
  'a process knows the result of an operation at once (machine.twoPhase names operations where it may not)';

/**
 * Until when time may pass although a process could continue, in simulated milliseconds since the run began: until half of `settleMs`
 * after the faults have stopped, because a takeover that waits for a lease often happens only then. In the second half
 * no process is delayed, so that an `eventually` can still become true.
 */
export function busyUntilMsOf({ faultsForMs, settleMs }: Pick<Scenario, 'faultsForMs' | 'settleMs'>): number {
  return faultsForMs + settleMs / 2;
}
