import type { MarkData, Operation, OperationName, Signal } from '../../ports/index.ts';
import type { SimProcess } from '../records/process.ts';
import type { InodeNumbers } from '../vfs/index.ts';

/** 2026-01-01T00:00:00Z: any fixed instant would do. */
export const DEFAULT_WALL_MS = Date.UTC(2026, 0, 1);
export const DEFAULT_HOSTNAME = 'machine';
export const DEFAULT_UPTIME_MS = 1_000_000;
export const DEFAULT_OPERATION_US = 20;
/** Well below any sensible time-out, and enough for what only a slow moment brings about. */
export const DEFAULT_BUSY_MS = 300;

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
  /** How much faster than the monotonic clock the wall clock goes: 0.01 gains a hundredth. Default: 0. */
  wallDrift?: number;
  /** Whether what is not synced can be lost in a power cut. Default: false, as keeping track costs time. */
  durable?: boolean;
  /** File times are floored to a multiple of this: 4 or 10 on many a Linux, 1000 or 2000 on other filesystems. Default: 1. */
  timeGranularityMs?: number;
  /** Bytes of file content that fit on the disk: a write writes what fits; if nothing does, ENOSPC. Default: no bound. */
  capacityBytes?: number;
  /** The type of the filesystem, as statfs(2) gives it: 0x6969 is NFS. Default: 0xef53, ext4. It changes nothing else. */
  filesystemType?: number;
  /** How many entries of a directory one step reads; Infinity: all at once. Default: 1. */
  readdirBatch?: number;
  /** How inodes get their numbers, see {@link InodeNumbers}. Default: `reused`. */
  inodes?: InodeNumbers;
  /** How long, in all of a run, time may pass although a process could go on: a busy machine. Default: 300. */
  busyMs?: number;
  /** The first PID of a run's processes, and the largest before the circle closes. */
  firstPid?: number;
  pidMax?: number;
  /** How many processes there may be at once, zombies included: `spawn` fails with EAGAIN when there are as many. Default: 512. */
  maxProcesses?: number;
  /** Its host name when the run begins; default: `machine`. */
  hostname?: string;
  /**
   * For how long, at most, the sockets and descriptors of a process that a signal has ended outlast it: on Linux the first
   * thread of a process is seen dead while others still hold its files. Default: 0, not at all.
   */
  lingerMs?: number;
  /** Whether a process is hidden from other users, except root, as /proc does when mounted with `hidepid=1`. Default: false. */
  hidepid?: boolean;
  /**
   * Operations that take effect in one step and deliver their result in another: a process can be stopped, or overtaken,
   * between the two. Default: none; each costs another step. Synchronous calls stay whole.
   */
  twoPhase?: readonly TwoPhaseOperation[];
}

/** `exit` has no result; a mark is no step. */
export type TwoPhaseOperation = Exclude<OperationName, 'mark' | 'exit'>;

/** Watches a run. All methods are called synchronously, at the moment the thing happens. */
export interface MachineObserver {
  started(process: SimProcess): void;
  ended(process: SimProcess): void;
  marked(process: SimProcess, name: string, data: MarkData): void;
  /** A program has printed something. `null` if there is no listener: then the text is not formatted. */
  printed?: ((process: SimProcess, stream: 'stdout' | 'stderr', text: string) => void) | null;
  /** `exact`: the sender named the very process, not only a PID. `sender` null: a fault. */
  signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void;
  /** An operation has failed with ENOENT, or `listen` with EACCES, which can mean the same. */
  notFound?(operation: Operation): void;
  /** A directory has been created. */
  directoryMade?(path: string): void;
  /** After each operation, once its process has come to rest. */
  stepped(process: SimProcess): void;
  /** The machine has come up again; all processes are gone. */
  rebooted(): void;
  /** Time has passed until the next timer. `busy`: although a process could go on. */
  advanced(busy: boolean): void;
}
