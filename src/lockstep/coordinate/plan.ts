/** What a coordinator is given, and what it gives back. Plain data: it is a process of its own. */
import type { Script } from '../script.ts';

/** How far the real processes are separated from the machine. */
export interface Surroundings {
  /** PID and mount namespaces of their own: a PID can be given again. */
  readonly ownPids: boolean;
  /** A network namespace of their own: TCP ports are those of the simulation. */
  readonly ownNetwork: boolean;
  /** Processes of several users can be started. */
  readonly otherUsers: boolean;
}

/** For tests: what the real side leaves out. `seen-files`: the files in what the invariant is asked of at the end. */
export type LeftOut = 'signals' | 'file-faults' | 'write' | 'byte' | 'unlink' | 'seen-files';

export interface Plan {
  readonly script: Script;
  /** A directory of its own, with a short path: the sockets of the run are below it. */
  readonly directory: string;
  /** The file that starts a process which follows. */
  readonly entry: string;
  readonly url: string;
  readonly surroundings: Surroundings;
  /** Real milliseconds to wait for what the simulation has done at once. */
  readonly patienceMs: number;
  readonly leaveOut: LeftOut | null;
}

/** What is really there in the end. */
export interface RealEnd {
  readonly files: Readonly<Record<string, string | null>>;
  readonly listening: readonly { readonly tcpPort: number; readonly process: string }[];
  readonly states: Readonly<Record<string, 'running' | 'stopped' | 'zombie' | 'gone'>>;
}

/** One thing that was really done, with real PIDs in its result. */
export interface RealEvent {
  readonly step: number;
  /** Real milliseconds since the replay began. */
  readonly atMs: number;
  readonly process: string;
  readonly op: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly result: unknown;
}

export interface Report {
  readonly outcome: 'reproduced' | 'differs' | 'refused' | 'not started';
  /** Why it was refused, or not started. */
  readonly reason: string | null;
  readonly difference: {
    readonly step: number;
    readonly process: string | null;
    readonly what: string;
    readonly simulated: unknown;
    readonly real: unknown;
  } | null;
  readonly end: RealEnd | null;
  readonly events: readonly RealEvent[];
  /** Real processes that were started. */
  readonly processes: number;
  /** Results, requests, marks and trees that were compared. */
  readonly comparisons: number;
  /** How often what was done deviates from the simulation without any difference to a program, by kind. */
  readonly allowances: Readonly<Record<string, number>>;
}
