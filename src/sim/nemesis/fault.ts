import type { SimMachine } from '../machine.ts';
import type { SimProcess } from '../process.ts';

/** One kind of fault. */
export interface Fault {
  readonly name: FaultName;
  readonly about: string;
  /** Strikes; says what it did, or null when there was nothing to strike. */
  strike(machine: SimMachine, settings: FaultSettings): Strike | null;
}

/** What has struck: for traces. */
export interface Strike {
  readonly fault: FaultName;
  readonly process: SimProcess | null;
  readonly detail: Readonly<Record<string, string | number>>;
}

export interface FaultSettings {
  /** How often it may strike in one run, at most. */
  max: number;
  /** `stop`: for how long, one of these; Infinity: for good, even after the faults have stopped. Simulated milliseconds. */
  forMs: readonly number[];
  /** `lose-state`, `tear-state`: files below this directory. */
  under: string;
}

/** In the order in which schedules number them: append only. */
export const FAULT_NAMES = ['kill', 'stop', 'pid-reuse', 'lose-state', 'tear-state'] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** A number is how often at most. */
export type FaultPlan = { readonly [N in FaultName]?: number | Partial<FaultSettings> };

/** One of several, by a choice of the schedule; null when there are none. */
export function pick<T>(machine: SimMachine, things: readonly T[]): T | null {
  if (things.length < 2) return things[0] ?? null;
  return things[machine.choices.choose(things.length, 'target')]!;
}

/** A process of the system under test, by a choice of the schedule. Choice 0 is the one that ran last, if it still lives. */
export function pickProcess(machine: SimMachine, fits: (process: SimProcess) => boolean): SimProcess | null {
  const { last } = machine.scheduler;
  const from = last === null ? 0 : last.index;
  const fitting = machine.scheduler.active.filter((process) => !process.foreign && fits(process));
  const inTurn = [
    ...fitting.filter(({ index }) => index >= from),
    ...fitting.filter(({ index }) => index < from),
  ];
  if (inTurn.length < 2) return inTurn[0] ?? null;
  const candidates = {
    processOf: (i: number) => inTurn[i]!.index,
    sequenceOf: (i: number) => i,
  };
  return inTurn[machine.choices.choose(inTurn.length, 'target', candidates)]!;
}
