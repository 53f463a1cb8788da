import { NO_FOOTPRINT } from '../kernel/footprint.ts';
import type { SimMachine } from '../kernel/machine.ts';
import type { SimProcess } from '../kernel/process.ts';

/** One kind of fault. */
export interface Fault {
  readonly name: FaultName;
  readonly about: string;
  /** Every setting that it has, apart from `max` (1) and what has no default, with the value that is used where a scenario says nothing. */
  readonly defaults?: Partial<FaultSettings>;
  /** Strikes; says what it did, or null when there was nothing to strike. */
  strike(machine: SimMachine, settings: FaultSettings, memory: Memory): Strike | null;
  /** The faults are over: undoes what does not end by itself. */
  heal?(machine: SimMachine, memory: Memory): void;
}

/** What one kind of fault keeps in mind during one run. */
export type Memory = Map<string, unknown>;

/** What has struck: for traces. */
export interface Strike {
  readonly fault: FaultName;
  readonly process: SimProcess | null;
  readonly detail: Readonly<Record<string, string | number>>;
}

export interface FaultSettings {
  /** How often it may strike in one run, at most. */
  max: number;
  /**
   * How long it lasts, or how far it goes, one of these: the length of a stop (Infinity: for good, even after the faults
   * have stopped) or of a suspend, the jump of a clock (negative: back), the lateness of an answer, how long a disk is full (0:
   * for one operation). Simulated milliseconds. For the defaults see {@link defaultsOf}.
   */
  forMs: readonly number[];
  /** Faults of files: those below this directory. */
  under: string;
  /** `port-grab`: which TCP port. It has no default. */
  tcpPort: number;
}

/** In the order in which schedules number them: append only. */
export const FAULT_NAMES = [
  'kill',
  'stop',
  'pid-reuse',
  'lose-state',
  'tear-state',
  'corrupt-state',
  'roll-back-state',
  'parent-death',
  'suspend',
  'clock-jump',
  'reboot',
  'power-cut',
  'eio',
  'enospc',
  'emfile',
  'eacces',
  'slow-probe',
  'lost-probe',
  'port-grab',
  'host-name',
  'short-write',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** A number is how often at most. */
export type FaultPlan = { readonly [N in FaultName]?: number | Partial<FaultSettings> };

/** What a fault does where a scenario says nothing: every setting that has a default. */
export function defaultsOf({
  defaults,
}: {
  readonly defaults?: Partial<FaultSettings> | undefined;
}): Partial<FaultSettings> {
  return { max: 1, ...defaults };
}

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
    count: () => inTurn.length,
    processOf: (i: number) => inTurn[i]!.index,
    sequenceOf: (i: number) => i,
    footprintOf: () => NO_FOOTPRINT,
  };
  return inTurn[machine.choices.choose(inTurn.length, 'target', candidates)]!;
}
