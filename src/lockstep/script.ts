/** A run of the simulation as plain data: what each real process has to do, in one list of events. Both processes and files of it can be compared. */
import type { ErrorCode, FileKind, MarkData, Operation, OperationName, Signal } from '../ports/index.ts';

/** What an operation came to. A waiting operation is performed again when it need not wait any more. */
export type Result = { readonly value: unknown } | { readonly code: ErrorCode } | { readonly waits: true };

/** After these operations the files are compared. */
export const CHANGE_FILES: ReadonlySet<OperationName> = new Set<OperationName>([
  ...(['open', 'write', 'ftruncate', 'unlink', 'rename', 'link', 'symlink', 'mkdir', 'rmdir'] as const),
  ...(['close', 'listen', 'chmod', 'fchmod', 'chown'] as const),
]);

/** Everything that has a name: by its absolute path. */
export type Tree = Readonly<Record<string, TreeEntry>>;

export interface TreeEntry {
  readonly kind: FileKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The first path of the same inode: that of the entry itself, unless it has several names. */
  readonly same: string;
  /** Of a file, one character per byte; the target of a symbolic link; `null` for others. */
  readonly content: string | null;
}

interface At {
  /** How many operations there have been in the run, including this one. */
  readonly step: number;
  /** Simulated milliseconds since the run began. */
  readonly atMs: number;
}

/** A process exists from now on. */
export interface StartEvent extends At {
  readonly kind: 'start';
  readonly process: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly uid: number;
  /** `null`: started by the run, as a child of PID 1. */
  readonly parent: string | null;
  readonly command: readonly string[];
  /** It does nothing: a stranger, or one that is never scheduled. */
  readonly inert: boolean;
  /** Started by the operation `spawn` of its parent. */
  readonly spawned: boolean;
  /** Of its container; `null`: that of the machine. */
  readonly container: string | null;
  readonly network: string;
}

/** An operation takes effect, or begins to wait. */
export interface PerformEvent extends At {
  readonly kind: 'perform';
  readonly process: string;
  readonly ordinal: number;
  readonly operation: Operation;
  result: Result;
  /** Its own process has ended by it. */
  ended: boolean;
  /** Of a request that waits for its answer: the running processes that it can reach. Missing: it has reached no listener. */
  servers?: readonly string[];
  /** All files afterwards, if they have changed. */
  tree?: Tree;
}

/** One thing that happens in a run. */
export type ScriptEvent =
  | StartEvent
  | PerformEvent
  /** The program of a process begins. */
  | (At & { readonly kind: 'begin'; readonly process: string; readonly identity: Identity })
  | (At & {
      readonly kind: 'ask';
      readonly process: string;
      readonly ordinal: number;
      readonly operation: Operation;
      /** The program waits for it in the midst of its code. */
      readonly now?: true;
    })
  | (At & { readonly kind: 'cancel'; readonly process: string; readonly ordinal: number })
  | (At & { readonly kind: 'mark'; readonly process: string; readonly name: string; readonly data: MarkData })
  /** A guest reads the clock, or random digits, without an operation. */
  | (At & {
      readonly kind: 'look';
      readonly process: string;
      readonly at: string;
      readonly value: number | string;
    })
  /** A process learns the result of an operation. */
  | (At & {
      readonly kind: 'deliver';
      readonly process: string;
      readonly ordinal: number;
      readonly operation: Operation;
      readonly result: Result;
    })
  | (At & {
      readonly kind: 'signal';
      /** `null`: a fault. */
      readonly sender: string | null;
      readonly process: string;
      readonly signal: Signal;
    })
  | (At & {
      readonly kind: 'end';
      readonly process: string;
      readonly code: number | null;
      readonly signal: Signal | null;
      readonly crashed: boolean;
    })
  | (At & { readonly kind: 'state'; readonly process: string; readonly state: ProcessState })
  | (At & {
      readonly kind: 'fault';
      readonly fault: string;
      readonly detail: Readonly<Record<string, string | number>>;
      readonly tree?: Tree;
    })
  /** A parent must not reap: its child is a zombie of the simulation until its `release`. */
  | (At & { readonly kind: 'hold' | 'release'; readonly process: string });

/** What the program of a process knows of it without asking. */
export interface Identity {
  readonly name: string;
  readonly pid: number;
  /** As it sees it. */
  readonly ppid: number;
  readonly uid: number;
  readonly gid: number;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly umask: number;
  readonly env: Readonly<Record<string, string>>;
  /** Those of 0, 1, 2 and above that it has been started with. */
  readonly descriptors: readonly number[];
}

export type ProcessState = 'running' | 'stopped' | 'zombie' | 'gone';
export type EventOf<Kind extends ScriptEvent['kind']> = Extract<ScriptEvent, { kind: Kind }>;

/** What a coordinator needs to know of a run. */
export interface Script {
  readonly scenario: string;
  readonly events: readonly ScriptEvent[];
  /** The files at boot. */
  readonly before: Tree;
  readonly after: Tree;
  /** Which process listens on which TCP port at the end. */
  readonly listening: readonly ListeningProcess[];
  readonly steps: number;
  /** What a program waits for in the midst of its code besides single operations, such as `execSync`; `null`: nothing. */
  readonly blockedBy: string | null;
}

export interface ListeningProcess {
  readonly tcpPort: number;
  readonly network: string;
  readonly host: string;
  readonly process: string;
}

/** JSON and back: so that `undefined`, Infinity and NaN are the same on both sides of a pipe. */
export function plain<T>(value: T): T {
  return value === undefined ? (null as T) : (JSON.parse(JSON.stringify(value)) as T);
}
