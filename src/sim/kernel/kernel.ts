import type { Machine, Signal } from '../../ports/index.ts';
import type { TimerHeap } from '../base/timer-heap.ts';
import type { Clocks } from '../records/clocks.ts';
import type { Slot } from '../records/identity.ts';
import type { ListenerTable } from '../records/listener-table.ts';
import type { MachineIdentity } from '../records/machine-identity.ts';
import type { SimProcess } from '../records/process.ts';
import type { ProcessTable } from '../records/process-table.ts';
import type { StreamTable } from '../records/streams.ts';
import type { FileSystem } from '../vfs/index.ts';
import type { Choices } from './choices.ts';
import type { Scheduler } from './scheduler.ts';

/** How a process is started. What is left out is inherited from the parent. */
export interface SpawnOptions {
  parent: SimProcess | null;
  /** In a session and a process group of its own. */
  detached?: boolean;
  uid?: number;
  /** Not of the system under test. */
  foreign?: boolean;
  pid?: number;
  slot?: Slot | undefined;
  /** Without a program: it only exists until it is ended. */
  inert?: boolean;
  /** For its children too. Processes of other namespaces do not see it. */
  pidNamespace?: string | undefined;
  /** For its children too. */
  hostname?: string | undefined;
  /** For its children too. */
  network?: string | undefined;
  /** Adopts orphans among its descendants. */
  subreaper?: boolean | undefined;
  /** Reaps the children that it has adopted. Default: only an inert process does. */
  reaps?: boolean | undefined;
  /** Added to the environment of the parent. For its children too. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Nothing of the parent's environment. */
  clearEnv?: boolean | undefined;
  /** The parent's program does not know of it: see `unawaited` of ProcessIdentity. */
  unawaited?: boolean;
}

/** What handlers of operations, signals, exits and faults see of a machine: its records, and what happens to processes. */
export interface Kernel {
  readonly identity: MachineIdentity;
  readonly clocks: Clocks;
  readonly timers: TimerHeap;
  readonly fs: FileSystem;
  readonly table: ProcessTable;
  readonly listeners: ListenerTable;
  readonly streams: StreamTable;
  readonly scheduler: Scheduler;
  /** See `hidepid` of the machine's options. */
  readonly hidepid: boolean;
  readonly choices: Choices;
  /** The machine as its programs see it: this one, or a decorator of it. */
  readonly seam: Machine;

  /**
   * Starts a process: of the program of the scenario that the command's first word names, of a command that the program of the parent
   * knows, or an inert one. `null` if there is none.
   */
  spawn(command: readonly string[], options: SpawnOptions): SimProcess | null;
  /** Ends a process. One of the two is null: its exit code, or the signal that has ended it. */
  end(process: SimProcess, code: number | null, signal: Signal | null): void;
  /** An uncaught exception or rejection: Node ends the process with code 1. */
  crash(process: SimProcess, error: unknown): void;
  /** Sends a signal; permission has been checked. `sender` null: a fault. `exact`: the sender named this very process, not only a PID. */
  signal(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void;
  /** For how long an ended process keeps its sockets and descriptors, by a choice of the schedule. */
  lingersUs(): number;
}
