import type { SimProcess } from '../records/process.ts';
import type { FaultTarget } from './fault-target.ts';

/** A kind of fault. */
export interface Fault {
  readonly name: FaultName;
  readonly about: string;
  /** The default of each setting, except `max` (1) and settings without a default. */
  readonly defaults?: Partial<FaultSettings>;
  /** The process that it strikes ends, or is stopped: it does nothing until it goes on, if ever. Default: false. */
  readonly halts?: true;
  /** Strikes, and returns what it did; `null` if there was nothing to strike. */
  strike(machine: FaultTarget, settings: FaultSettings, memory: Memory): Strike | null;
  /** Called when the faults are over, to undo what does not end by itself. */
  heal?(machine: FaultTarget, memory: Memory): void;
}

/** The state of a kind of fault during a run. */
export type Memory = Map<string, unknown>;

/** A fault that has struck, for traces. */
export interface Strike {
  readonly fault: FaultName;
  readonly process: SimProcess | null;
  readonly detail: Readonly<Record<string, string | number>>;
}

export interface FaultSettings {
  /** The maximum number of strikes per run. */
  max: number;
  /**
   * Possible lengths in simulated milliseconds: of a stop (Infinity for good, even after the faults have stopped) or a suspend, of the
   * jump of a clock (negative for back), the delay of an answer, or how long a disk is full (0 for a single operation). Each strike
   * uses one of them. For the defaults see {@link defaultsOf}.
   */
  forMs: readonly number[];
  /** For faults of files: only files below this directory. */
  under: string;
  /** The TCP port of `port-grab`. Has no default. */
  tcpPort: number;
}

/** In the order in which schedules number them, so only append. */
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
  'spawn-fails',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** The faults of a scenario. A number is the maximum per run. */
export type FaultPlan = { readonly [N in FaultName]?: number | Partial<FaultSettings> };

/** The settings of a fault with a default. */
export function defaultsOf({
  defaults,
}: {
  readonly defaults?: Partial<FaultSettings> | undefined;
}): Partial<FaultSettings> {
  return { max: 1, ...defaults };
}

/** An element chosen by the schedule; `null` if there are none. */
export function pick<T>(machine: FaultTarget, things: readonly T[]): T | null {
  if (things.length < 2) return things[0] ?? null;
  return things[machine.choices.choose(things.length, 'target')]!;
}

/**
 * A process whose operations a fault changes. Logs that the fault depends on which processes there are: an operation that ends one
 * makes a difference to it. For faults that halt a process the search tries both orders instead.
 */
export function pickRunning(machine: FaultTarget): SimProcess | null {
  const running = new Set(machine.table.all().filter(({ alive }) => alive));
  return pickProcess(machine, (process) => running.has(process));
}

/** A process of the system under test, chosen by the schedule. Choice 0 is the process that ran last, if it is still alive. */
export function pickProcess(machine: FaultTarget, fits: (process: SimProcess) => boolean): SimProcess | null {
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
    nameOf: (i: number) => inTurn[i]!.name,
  };
  return inTurn[machine.choices.choose(inTurn.length, 'target', candidates)]!;
}
