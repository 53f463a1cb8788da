/**
 * How far the runs of a scenario go, and what they take as given. Both could hide a violation, so every report names them.
 */
import { DEFAULT_BUSY_MS, DEFAULT_OPERATION_US, FAULTS, type FaultName } from '../sim/index.ts';
import type { Scenario } from './options.ts';
import { plannedFaults } from './planned-faults.ts';

/** What limits each run of a scenario. Plain data. */
export interface RunBounds {
  /** Faults strike until then, in simulated milliseconds since the run began. */
  readonly faultsForMs: number;
  /** The run ends then: what a program would do later is not seen. */
  readonly endsAtMs: number;
  readonly maxSteps: number;
  /** How long each operation takes, in simulated microseconds. */
  readonly operationUs: number;
  /** How long in all time may pass although some process could go on, in simulated milliseconds. */
  readonly busyMs: number;
  /** Until then, in simulated milliseconds since the run began; afterwards time passes only when no process can go on. */
  readonly busyUntilMs: number;
  /** By fault, how often it may strike in one run, at most. Other faults do not strike. */
  readonly faults: Readonly<Record<string, number>>;
  /** The longest sleep that runs have not waited for, in simulated milliseconds; see `longestSleepBeyondEnd`. Left out: none. */
  readonly unawaitedSleepMs?: number;
}

/** @param seen what was seen of the runs, if there were any */
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

/** How often a fault may strike in one run, at most. */
export function mostOf({ faults }: Pick<Scenario, 'faults'>, name: FaultName): number {
  const plan = faults[name] ?? 0;
  return typeof plan === 'number' ? plan : (plan.max ?? FAULTS[name].defaults?.max ?? 1);
}

export function assumptionsOf({ machine: { twoPhase = [] } }: Scenario): string[] {
  return twoPhase.length > 0
    ? []
    : [
        'a process knows the result of an operation at once (machine.twoPhase names operations where it may not)',
      ];
}

/**
 * Until when time may pass although a process could go on, in simulated milliseconds since the run began: half of `settleMs`
 * after the faults have stopped. A takeover that waits for a lease often happens only then. In the second half time flows
 * fairly, so that what was delayed can still come true.
 */
export function busyUntilMsOf({ faultsForMs, settleMs }: Pick<Scenario, 'faultsForMs' | 'settleMs'>): number {
  return faultsForMs + settleMs / 2;
}
