import type { Operation, Pending, Program, Reject, Resolve, Signal } from '../../ports/index.ts';
import type { Connection } from '../syscalls/sockets.ts';
import type { Description } from '../vfs/caller.ts';
import type { StateHasher } from './digest.ts';
import type { NewProcess, Slot } from './process-table.ts';
import type { Restore } from './snapshot.ts';
import type { Due, Timer } from './timer-heap.ts';

/** As Linux names it. The machine's own: all others are containers'. */
export const FIRST_PID_NAMESPACE = 'pid:[1]';
/** The machine's own network: all others are containers'. */
export const FIRST_NETWORK = 'host';

/** One process of a simulated machine. A process without a program is inert: it only exists until it is ended. */
export class SimProcess {
  /** Names it throughout a run: PIDs are reused. */
  readonly index: number;
  /** `daemon#2`: its program, and which of that name it is. */
  readonly name: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly startTicks: number;
  /** Changes by `setTitle`. */
  command: readonly string[];
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
  parent: SimProcess | null;
  /** Its parent did not start it. Node reaps only those that it has started. */
  adopted = false;
  pgid: number;
  sid: number;
  cwd = '/';
  umask = 0o022;
  /** How far its view of the wall clock is off: another time zone of containers, a faked clock. */
  wallOffsetMs = 0;
  maxFds = 1024;
  readonly fds = new Map<number, Description>();

  state: 'running' | 'stopped' | 'zombie' | 'gone' = 'running';
  /** It has ended, and its sockets and descriptors are still there: see {@link MachineOptions.lingerMs}. */
  lingering = false;
  /** It has done something, has ended or was struck: a timeline shows it. */
  acts = false;
  exitCode: number | null = null;
  exitSignal: Signal | null = null;
  /** What an uncaught exception of the program said. */
  crash: unknown = undefined;
  /** What the program does about an uncaught exception; true: it goes on. */
  uncaught: ((error: unknown) => boolean) | null = null;

  /** Operations that could happen now, oldest first. */
  readonly runnable: ParkedOperation[] = [];
  /** How many operations it has asked for so far. */
  asked = 0;
  /** Where its random digits stand. */
  randomState: number;
  /** How many inodes it has created. */
  created = 0;
  /** How many requests it has accepted so far. */
  accepted = 0;
  /** How many operations wait for something (a timer, a request, a signal, a child). */
  waiting = 0;
  signals: SignalState | null = null;
  /** Accepted and not yet answered, by number. */
  requests: Map<number, Connection> | null = null;
  /** Children that have not been reaped. */
  children: SimProcess[] | null = null;
  /** Parked `wait` operations of this process. */
  waits: ParkedOperation<'wait'>[] | null = null;

  constructor(fields: NewProcess, slot: Slot) {
    const { parent } = fields;
    this.index = slot.index;
    this.randomState = seedOf(slot.index);
    this.name = slot.name;
    this.pid = slot.pid;
    this.uid = fields.uid;
    this.gid = fields.uid;
    this.startTicks = fields.startTicks;
    this.command = fields.command;
    this.program = fields.program;
    this.foreign = fields.foreign;
    this.pidNamespace = fields.pidNamespace ?? parent?.pidNamespace ?? FIRST_PID_NAMESPACE;
    this.hostname = fields.hostname ?? parent?.hostname ?? null;
    this.network = fields.network ?? parent?.network ?? FIRST_NETWORK;
    this.subreaper = fields.subreaper ?? false;
    this.unawaited = fields.unawaited ?? false;
    this.reaps = fields.reaps ?? fields.program === null;
    this.parent = parent;
    // A group is not seen in another PID namespace.
    const own = fields.detached || parent === null || parent.pidNamespace !== this.pidNamespace;
    this.pgid = own ? slot.pid : parent.pgid;
    this.sid = own ? slot.pid : parent.sid;
  }

  /** PID 1 of a container: adopts its orphans, is not hit by what it does not handle, and takes all with it when it ends. */
  get isInit(): boolean {
    return this.pid === 1;
  }

  /** How many results it waits for. */
  get pending(): number {
    return this.runnable.length + this.waiting + (this.signals?.waiters.length ?? 0);
  }

  /** Not ended: running or stopped. */
  get alive(): boolean {
    return this.state === 'running' || this.state === 'stopped';
  }
}

/** Different for each process, and never 0, which xorshift would not leave. */
function seedOf(index: number): number {
  return Math.imul(index + 1, 0x9e3779b9) >>> 0 || 1;
}

export interface SignalState {
  /** `default`: Linux's, where Node's own is another. */
  readonly actions: Map<Signal, 'ignore' | 'handle' | 'default'>;
  /** Of a stopped process: what it gets when it goes on. */
  readonly pending: Signal[];
  /** Handled, and not yet told by `sigwait`. */
  readonly queue: Signal[];
  readonly waiters: ParkedOperation<'sigwait'>[];
}

/** An operation that a process asked for and that has not happened yet. */
export class ParkedOperation<Name extends Operation['op'] = Operation['op']> implements Pending, Due {
  readonly process: SimProcess;
  readonly operation: Operation<Name>;
  readonly resolve: Resolve;
  readonly reject: Reject;
  readonly sequence: number;
  /** `waiting` for an event, `runnable` when the scheduler may let it happen. */
  state: 'waiting' | 'runnable' | 'settled' = 'runnable';
  timer: Timer | null = null;
  /** What a waiting operation has come to, once it is runnable again. */
  outcome: unknown = undefined;
  /** The queue it stands in. */
  queue: ParkedOperation<Name>[] | null = null;
  /** Which of its process's operations it is, counted from 0. */
  readonly ordinal: number;

  constructor(
    process: SimProcess,
    operation: Operation<Name>,
    resolve: Resolve,
    reject: Reject,
    sequence: number,
  ) {
    this.process = process;
    this.operation = operation;
    this.resolve = resolve;
    this.reject = reject;
    this.sequence = sequence;
    this.ordinal = process.asked++;
  }

  save(): Restore {
    const { state, timer, outcome, queue } = this;
    return () => {
      this.state = state;
      this.timer = timer;
      this.outcome = outcome;
      this.queue = queue;
    };
  }

  /** It need not wait any more; it happens when the scheduler lets it. */
  wake(outcome?: unknown): void {
    if (this.state !== 'waiting') return;
    this.outcome = outcome;
    this.#unwait();
    this.state = 'runnable';
    this.process.runnable.push(this as unknown as ParkedOperation);
  }

  fire(): void {
    this.wake();
  }

  digest(digest: StateHasher): void {
    digest.number(this.process.index);
    digest.number(this.ordinal);
  }

  cancel(): void {
    if (this.state === 'waiting') this.#unwait();
    else if (this.state === 'runnable') {
      const at = this.process.runnable.indexOf(this as unknown as ParkedOperation);
      if (at >= 0) this.process.runnable.splice(at, 1);
    }
    this.state = 'settled';
  }

  #unwait(): void {
    // A wait for a signal is not counted, see SimMachine.
    if (this.operation.op !== 'sigwait') this.process.waiting--;
    if (this.timer !== null) this.timer.due = null;
    if (this.queue === null) return;
    const at = this.queue.indexOf(this);
    if (at >= 0) this.queue.splice(at, 1);
    this.queue = null;
  }
}
