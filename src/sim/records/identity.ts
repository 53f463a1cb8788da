import type { Program } from '../../ports/index.ts';

/** As Linux names it. The machine's own: all others are containers'. */
export const FIRST_PID_NAMESPACE = 'pid:[1]';
/** The machine's own network: all others are containers'. */
export const FIRST_NETWORK = 'host';

/** A name, a number and a PID for a process that may start later: so they do not depend on which others start. */
export interface Slot {
  readonly index: number;
  readonly name: string;
  readonly pid: number;
}

/** What a process is started with. */
export interface NewProcess {
  readonly name: string;
  readonly uid: number;
  readonly startTicks: number;
  readonly command: readonly string[];
  readonly program: Program | null;
  readonly foreign: boolean;
  readonly detached: boolean;
  readonly pidNamespace?: string | undefined;
  readonly hostname?: string | undefined;
  readonly network?: string | undefined;
  readonly subreaper?: boolean | undefined;
  readonly reaps?: boolean | undefined;
  readonly unawaited?: boolean | undefined;
  /** Added to the environment of its parent, or with `clearEnv` all of it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly clearEnv?: boolean | undefined;
  /** Reserved for it before. */
  readonly slot?: Slot | undefined;
  /** A PID that has been freed, to be used again. Default: the next in turn. */
  readonly pid?: number | undefined;
}

/** What does not change as long as a process exists. */
export class ProcessIdentity {
  /** Identifies it throughout a run: PIDs are reused. */
  readonly index: number;
  /** `daemon#2`: its program, and which of that name it is. */
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** In clock ticks since boot. */
  readonly startTicks: number;
  /** `null` if the process is inert: it only exists until it is ended. */
  readonly program: Program | null;
  /** Not of the system under test: no program of it may signal this process. */
  readonly foreign: boolean;
  /** Names the processes that it can see, and that can see it. */
  readonly pidNamespace: string;
  /** Of its container; null: the machine's, which can change. */
  readonly hostname: string | null;
  /** Whose TCP ports it listens on and connects to. */
  readonly network: string;
  /** Orphans among its descendants become its children, instead of PID 1's. */
  readonly subreaper: boolean;
  /** Its parent has not started it by an operation and cannot wait for it: it is reaped when it ends, as under a parent that ignores SIGCHLD. */
  readonly unawaited: boolean;
  /** Adopted children that end are reaped at once, as by systemd and tini; a Node program leaves them zombies. */
  readonly reaps: boolean;
  /** The environment with which it was started: what scenarios and programs have put into it. */
  readonly env: Readonly<Record<string, string>>;

  constructor(fields: NewProcess, slot: Slot, parent: ProcessIdentity | null) {
    this.index = slot.index;
    this.name = slot.name;
    this.pid = slot.pid;
    this.uid = fields.uid;
    this.gid = fields.uid;
    this.startTicks = fields.startTicks;
    this.program = fields.program;
    this.foreign = fields.foreign;
    this.pidNamespace = fields.pidNamespace ?? parent?.pidNamespace ?? FIRST_PID_NAMESPACE;
    this.hostname = fields.hostname ?? parent?.hostname ?? null;
    this.network = fields.network ?? parent?.network ?? FIRST_NETWORK;
    this.subreaper = fields.subreaper ?? false;
    this.unawaited = fields.unawaited ?? false;
    this.reaps = fields.reaps ?? fields.program === null;
    this.env = environmentOf(fields.env, fields.clearEnv ? undefined : parent?.env);
  }

  /** PID 1 of a container: adopts its orphans, ignores signals that it does not handle, and takes all with it when it ends. */
  get isInit(): boolean {
    return this.pid === 1;
  }
}

const EMPTY: Readonly<Record<string, string>> = Object.freeze({});

function environmentOf(
  own: NewProcess['env'],
  inherited: ProcessIdentity['env'] = EMPTY,
): Readonly<Record<string, string>> {
  return own === undefined ? inherited : Object.freeze({ ...inherited, ...own });
}
