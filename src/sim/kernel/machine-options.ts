import type { MarkData, OperationName, Signal } from '../../ports/index.ts';
import type { InodeNumbers } from '../vfs/index.ts';
import type { SimProcess } from './process.ts';

/** What a simulated machine is made of; every field has a default. */
export interface MachineOptions {
  /** Files at boot, in the form of memfs: path to text, null for an empty directory. */
  files?: Readonly<Record<string, string | null>>;
  /** The wall clock at boot, since the epoch. */
  wallMs?: number;
  /** How long the machine has been up when the run begins. */
  uptimeMs?: number;
  /** Simulated time that one operation takes. A fast system call is a few microseconds, a file operation some tens. */
  operationUs?: number;
  /** How much faster than the monotonic clock the wall clock goes: 0.01 gains a hundredth. 0 unless said. */
  wallDrift?: number;
  /** Whether what is not synced can be lost in a power cut. Off unless said: keeping track costs time. */
  durable?: boolean;
  /** File times are floored to a multiple of this: 4 or 10 on many a Linux, 1000 or 2000 on other filesystems. 1 unless said. */
  timeGranularityMs?: number;
  /** Bytes of file content that fit on the disk: a write writes what fits; if nothing does, ENOSPC. No bound unless said. */
  capacityBytes?: number;
  /** How many entries of a directory one step reads. 1 unless said; Infinity: all at once. */
  readdirBatch?: number;
  /** How inodes get their numbers, see {@link InodeNumbers}. `reused` unless said. */
  inodes?: InodeNumbers;
  /** How long, in all of a run, time may pass although a process could go on: a busy machine. 300 unless said. */
  busyMs?: number;
  /** The first PID of a run's processes, and the largest before the circle closes. */
  firstPid?: number;
  pidMax?: number;
  /** Its host name when the run begins; `machine` unless said. */
  hostname?: string;
  /**
   * For how long, at most, the sockets and descriptors of a process that a signal has ended outlast it: on Linux the first
   * thread of a process is seen dead while others still hold its files. 0, not at all, unless said.
   */
  lingerMs?: number;
  /**
   * Operations that take effect in one step and deliver their result in another: a process can be stopped, or overtaken,
   * between the two. None unless named; each costs another step. Synchronous calls stay whole.
   */
  twoPhase?: readonly TwoPhaseOperation[];
}

/** Whoever exits learns nothing; a mark is no step. */
export type TwoPhaseOperation = Exclude<OperationName, 'mark' | 'exit'>;

/** Who watches a run. All methods are called synchronously, at the moment the thing happens. */
export interface MachineObserver {
  started(process: SimProcess): void;
  ended(process: SimProcess): void;
  marked(process: SimProcess, name: string, data: MarkData): void;
  /** A program has printed something. Null: there is no listener, and the text is not formatted. */
  printed?: ((process: SimProcess, stream: 'stdout' | 'stderr', text: string) => void) | null;
  /** `exact`: the sender named the very process, not only a PID. `sender` null: the nemesis. */
  signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void;
  /** After each operation, once its process has come to rest. */
  stepped(process: SimProcess): void;
  /** The machine has come up again; all processes are gone. */
  rebooted(): void;
  /** Time has passed until the next timer. `busy`: although somebody could run. */
  advanced(busy: boolean): void;
}

/** Strikes between operations. */
export interface Nemesis {
  /** Called before each operation while faults may strike; true when one has struck. */
  strike(): boolean;
}
