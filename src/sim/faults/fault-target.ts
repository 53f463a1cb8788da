import type { Kernel } from '../kernel/kernel.ts';
import type { SimProcess } from '../records/process.ts';
import type { FaultConditions } from './conditions.ts';

/** Injects faults between operations. */
export interface Nemesis {
  /** Called before each operation while faults may strike. Returns whether one has struck. */
  strike(): boolean;
}

/** The interface of a machine for faults. */
export interface FaultTarget extends Kernel {
  /** `null` if there are no faults, or if they are over. */
  nemesis: Nemesis | null;
  /** Conditions caused by faults; `null` if none so far. */
  readonly conditions: FaultConditions | null;
  /** The same, created if necessary. */
  faultConditions(): FaultConditions;
  /** Stops the machine with all its processes, and starts it again. `keep` chooses among unsynced changes. */
  restart(keep: () => boolean): void;
  /** Called when a process does something, ends or is struck by a fault: from now on it takes part in the run. */
  takesPart(process: SimProcess): void;
}
