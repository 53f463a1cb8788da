import {
  type Machine,
  type MarkData,
  type Operation,
  type Pending,
  type Ports,
  type Program,
  portsOf,
  type Reject,
  type Resolve,
  type Signal,
  systemError,
} from '../ports/index.ts';
import type { Candidates, Choices } from './choices.ts';
import { isErrno } from './errno.ts';
import { FileSystem } from './fs/file-system.ts';
import { type Handler, WAITS } from './handler.ts';
import { HANDLERS } from './operations/index.ts';
import { closeListener, isListener, type Listener, resetRequests } from './operations/sockets.ts';
import { ParkedOperation, type SimProcess } from './process.ts';
import { ProcessTable } from './process-table.ts';
import { TimerHeap } from './timer-heap.ts';

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
  /** How often, in all, time may pass while somebody could run: the length of the run's busy seconds together. */
  busyMs?: number;
  /** The first PID of a run's processes, and the largest before the circle closes. */
  firstPid?: number;
  pidMax?: number;
}

/** Who watches a run. All methods are called synchronously, at the moment the thing happens. */
export interface MachineObserver {
  started(process: SimProcess): void;
  ended(process: SimProcess): void;
  marked(process: SimProcess, name: string, data: MarkData): void;
  /** `exact`: the sender named the very process, not only a PID. `sender` null: the nemesis. */
  signalled(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void;
  /** After each operation, once its process has come to rest. */
  stepped(process: SimProcess): void;
  /** Time has passed until the next timer. `busy`: although somebody could run. */
  advanced(busy: boolean): void;
}

/** Strikes between operations. */
export interface Nemesis {
  /** Called before each operation while faults may strike; true when one has struck. */
  strike(): boolean;
}

/** 2026-01-01T00:00:00Z: any fixed instant would do. */
const DEFAULT_WALL_MS = Date.UTC(2026, 0, 1);
const DEFAULT_UPTIME_MS = 1_000_000;
const DEFAULT_OPERATION_US = 20;
/** USER_HZ is 100 on every common Linux. */
const US_PER_TICK = 10_000;
/** After so many steps in a row the dull choice is the next process: else one that polls could hold the machine. */
const QUANTUM_STEPS = 200;

/** Ended processes, programs that misbehave, and the scheduler's bound: why {@link SimMachine.step} will not go on. */
export type Halt = { readonly reason: string; readonly process: SimProcess | null; readonly message: string };

/**
 * A small Unix machine in memory, and its scheduler. Each operation is parked when a program asks it; `step` lets one
 * of them happen, atomically. Between two steps the caller drains the microtasks, so that every process has come to
 * rest. Pure: the same programs and the same choices give the same run.
 */
export class SimMachine implements Machine<SimProcess>, Candidates {
  readonly fs: FileSystem;
  readonly table: ProcessTable;
  readonly timers = new TimerHeap();
  readonly listeners: Listener[] = [];
  readonly bootId = '00000000-0000-4000-8000-000000000001';
  readonly hostname = 'machine';
  readonly choices: Choices;
  nemesis: Nemesis | null = null;
  /** Whether faults may strike, or the dust settles. */
  phase: 'faults' | 'settle' = 'faults';

  /** Monotonic, since the run began. */
  nowUs = 0;
  /** The run ends here. */
  endUs = Number.POSITIVE_INFINITY;
  steps = 0;
  switches = 0;
  /** The process in whose step we are. */
  current: SimProcess | null = null;
  /** Set when the run must end at once. */
  halt: Halt | null = null;
  nextRequest = 1;
  /** How far the wall clock has jumped. */
  wallOffsetMs = 0;

  readonly #programs: ReadonlyMap<string, Program>;
  readonly #observer: MachineObserver;
  readonly #seam: Machine<SimProcess>;
  readonly #wallAtBootMs: number;
  readonly #uptimeUs: number;
  readonly #operationUs: number;
  #busyUs: number;
  /** Alive and with a program, in the order of their start. */
  readonly #active: SimProcess[] = [];
  /** Whose operation happened last, and how many in a row were its. */
  #last: SimProcess | null = null;
  #streak = 0;
  #sequence = 0;
  #randomState = 0x9e3779b9;

  /**
   * @param seam the machine as its programs see it: this one, or a decorator of it (tracing, two phases)
   */
  constructor(
    choices: Choices,
    programs: ReadonlyMap<string, Program>,
    observer: MachineObserver,
    options: MachineOptions = {},
    seam: (machine: SimMachine) => Machine<SimProcess> = (machine) => machine,
  ) {
    this.choices = choices;
    this.#programs = programs;
    this.#observer = observer;
    this.#wallAtBootMs = options.wallMs ?? DEFAULT_WALL_MS;
    this.#uptimeUs = (options.uptimeMs ?? DEFAULT_UPTIME_MS) * 1000;
    this.#operationUs = options.operationUs ?? DEFAULT_OPERATION_US;
    this.#busyUs = (options.busyMs ?? 0) * 1000;
    this.fs = new FileSystem({ wallMs: () => this.wallMs() });
    if (options.files !== undefined) this.fs.load(options.files);
    this.table = new ProcessTable(options);
    this.#seam = seam(this);
  }

  // What the clocks say.

  wallMs(): number {
    return Math.floor(this.#wallAtBootMs + this.nowUs / 1000 + this.wallOffsetMs);
  }

  monotonicMs(): number {
    return (this.#uptimeUs + this.nowUs) / 1000;
  }

  /** Clock ticks since boot: the unit of start times. */
  ticks(): number {
    return Math.floor((this.#uptimeUs + this.nowUs) / US_PER_TICK);
  }

  // Processes come and go.

  /** Starts a process: of the program that the command's first word names, or an inert one. Null: no such program. */
  spawn(
    command: readonly string[],
    how: {
      parent: SimProcess | null;
      detached?: boolean;
      uid?: number;
      foreign?: boolean;
      pid?: number;
      inert?: boolean;
    },
  ): SimProcess | null {
    const [word = ''] = command;
    const program = how.inert ? null : this.#programs.get(word);
    if (program === undefined) return null;
    const process = this.table.add({
      name: word,
      uid: how.uid ?? how.parent?.uid ?? 0,
      startTicks: this.ticks(),
      command,
      program,
      foreign: how.foreign ?? false,
      parent: how.parent,
      detached: how.detached ?? false,
      ...(how.pid !== undefined && { pid: how.pid }),
    });
    if (program !== null) {
      this.#active.push(process);
      const begin = () => this.#begin(process, program);
      process.runnable.push(new ParkedOperation(process, BEGIN, begin, begin, this.#sequence++));
    }
    this.#observer.started(process);
    return process;
  }

  #begin(process: SimProcess, program: Program): void {
    const ports: Ports = portsOf(this.#seam as Machine, process);
    const exit = (code: unknown): void => {
      this.#seam.execute(process, { op: 'exit', code: typeof code === 'number' ? code : 0 }, ignore, ignore);
    };
    const crash = (error: unknown): void => this.crash(process, error);
    try {
      program(ports, process.command.slice(1)).then(exit, crash);
    } catch (error) {
      crash(error);
    }
  }

  /** An exception that nobody caught, or a rejection: Node ends the process with code 1. */
  crash(process: SimProcess, error: unknown): void {
    if (!process.alive) return;
    process.crash = error ?? new Error('rejected without a reason');
    this.end(process, 1, null);
  }

  /** The process is no more; what it held is let go; its parent may reap it. */
  end(process: SimProcess, code: number | null, signal: Signal | null): void {
    if (!process.alive) return;
    process.state = 'zombie';
    process.exitCode = code;
    process.exitSignal = signal;
    process.runnable.length = 0;
    const at = this.#active.indexOf(process);
    if (at >= 0) this.#active.splice(at, 1);
    for (const description of process.fds.values()) {
      if (isListener(description)) closeListener(this, process, description, 'abrupt');
      else this.fs.closeDescription(description);
    }
    process.fds.clear();
    resetRequests(this, process);
    for (const child of process.children ?? []) {
      child.parent = null;
      if (child.state === 'zombie') this.table.reap(child);
    }
    process.children = null;
    const { parent } = process;
    if (parent === null || parent.program === null || !parent.alive) this.table.reap(process);
    else if (parent.waits !== null) {
      for (const wait of parent.waits.splice(0)) {
        if (wait.operation.pid === process.pid) wait.wake(this);
        else parent.waits.push(wait);
      }
    }
    this.#observer.ended(process);
  }

  /** Delivers a signal. Permission has been checked. */
  signal(sender: SimProcess | null, target: SimProcess, signal: Signal, exact: boolean): void {
    if (!target.alive) return;
    this.#observer.signalled(sender, target, signal, exact);
    if (signal === 'SIGKILL') return this.end(target, null, signal);
    if (signal === 'SIGSTOP') {
      target.state = 'stopped';
      return;
    }
    if (signal === 'SIGCONT') this.#resume(target);
    const action = target.signals?.actions.get(signal) ?? DEFAULT_ACTIONS[signal] ?? 'end';
    if (action === 'ignore') return;
    const queue = this.#signalQueue(target);
    if (!queue.includes(signal)) queue.push(signal);
    if (target.state === 'running') this.#deliver(target);
  }

  #resume(process: SimProcess): void {
    if (process.state !== 'stopped') return;
    process.state = 'running';
    this.#deliver(process);
  }

  /** A stopped process gets its signals when it is continued. */
  #deliver(process: SimProcess): void {
    if (process.signals === null) return;
    const { actions, queue } = process.signals;
    for (const signal of queue) {
      if (actions.get(signal) === 'handle') continue;
      this.end(process, null, signal);
      return;
    }
    const { waiter } = process.signals;
    if (waiter !== null && queue.length > 0) {
      process.signals.waiter = null;
      waiter.wake(this);
    }
  }

  #signalQueue(process: SimProcess): Signal[] {
    process.signals ??= { actions: new Map(), queue: [], waiter: null };
    return process.signals.queue;
  }

  // The seam.

  execute(process: SimProcess, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    const parked = new ParkedOperation(process, operation, resolve, reject, this.#sequence++);
    if (process !== this.current) this.#trespass(process);
    if (!process.alive) {
      parked.state = 'settled';
      return parked;
    }
    const { op } = operation;
    if (op === 'mark') {
      parked.state = 'settled';
      this.#observer.marked(process, operation.name, operation.data);
      resolve(undefined);
    } else if (op === 'sleep' || op === 'accept' || op === 'sigwait' || op === 'wait') {
      this.#perform(parked, true);
    } else {
      parked.parkedAtUs = this.nowUs;
      process.runnable.push(parked);
    }
    return parked;
  }

  /** Real processes share no memory: code of one that runs in the step of another is a mistake of the scenario. */
  #trespass(process: SimProcess): void {
    this.halt ??= {
      reason: 'shared-memory',
      process,
      message: `${process.name} went on in a step of ${this.current?.name ?? 'nobody'}: programs must share no variables`,
    };
  }

  // The scheduler.

  /** Lets one thing happen: an operation, a fault, or the passing of time. False: nothing more can, or the run is over. */
  step(): boolean {
    if (this.halt !== null) return false;
    this.current = null;
    if (this.timers.nextUs <= this.nowUs) this.timers.fireDue(this.nowUs);
    if (this.nemesis !== null && this.nemesis.strike()) return true;
    const count = this.#countCandidates();
    if (count === 0) return this.#advance(false);
    if (this.#busyUs > 0 && this.#passesTime()) return this.#advance(true);
    const parked = this.#candidate(count === 1 ? 0 : this.#choose(count));
    this.#happen(parked);
    return true;
  }

  #happen(parked: ParkedOperation): void {
    const { process } = parked;
    this.steps++;
    this.nowUs += this.#operationUs;
    if (process === this.#last) this.#streak++;
    else {
      if (this.#last !== null) this.switches++;
      this.#last = process;
      this.#streak = 1;
    }
    const { runnable } = process;
    if (runnable[0] === parked) runnable.shift();
    else runnable.splice(runnable.indexOf(parked), 1);
    this.current = process;
    if (parked.operation === BEGIN) {
      parked.state = 'settled';
      parked.resolve(undefined);
    } else this.#perform(parked, false);
  }

  /** @param early the operation has just been asked: if it must wait it starts to at once, without a step of its own */
  #perform(parked: ParkedOperation, early: boolean): void {
    const { process, operation } = parked;
    if (early && operation.op !== 'sleep' && canHappen(parked)) {
      process.runnable.push(parked);
      return;
    }
    const handler = HANDLERS[operation.op] as unknown as Handler<Operation['op']>;
    const result = handler(this, parked, operation as never);
    if (result === WAITS) {
      parked.state = 'waiting';
      if (operation.op !== 'sigwait') process.waiting++;
    } else if (isErrno(result)) {
      parked.state = 'settled';
      parked.reject(systemError(result.code, operation));
    } else {
      parked.state = 'settled';
      parked.resolve(result);
    }
  }

  /** Time goes to the next timer. False when there is none before the end of the run. */
  #advance(busy: boolean): boolean {
    const nextUs = this.timers.nextUs;
    if (nextUs > this.endUs) return false;
    if (nextUs > this.nowUs) this.nowUs = nextUs;
    this.timers.fireDue(this.nowUs);
    this.#observer.advanced(busy);
    return true;
  }

  /** A busy machine: time passes although somebody could run. Bounded in all by `busyMs`. */
  #passesTime(): boolean {
    const lateUs = this.timers.nextUs - this.nowUs;
    if (this.phase !== 'faults' || lateUs > this.#busyUs) return false;
    if (this.choices.choose(2, 'time') === 0) return false;
    this.#busyUs -= lateUs;
    return true;
  }

  #choose(count: number): number {
    return this.choices.choose(count, this.phase === 'faults' ? 'schedule' : 'settle', this);
  }

  #countCandidates(): number {
    let count = 0;
    for (const process of this.#active) if (process.state === 'running') count += process.runnable.length;
    return count;
  }

  /** In the order of the choice: first those of the process that ran last, then of the next ones in turn. */
  #candidate(i: number): ParkedOperation {
    const from = this.#last === null ? 0 : this.#last.index + (this.#streak < QUANTUM_STEPS ? 0 : 1);
    let rest = i;
    for (const process of this.#active) {
      if (process.index < from || process.state !== 'running') continue;
      const { runnable } = process;
      if (rest < runnable.length) return runnable[rest]!;
      rest -= runnable.length;
    }
    for (const process of this.#active) {
      if (process.index >= from || process.state !== 'running') continue;
      const { runnable } = process;
      if (rest < runnable.length) return runnable[rest]!;
      rest -= runnable.length;
    }
    throw new RangeError(`choice ${i}: only ${i - rest} operations could happen`);
  }

  processOf(i: number): number {
    return this.#candidate(i).process.index;
  }

  sequenceOf(i: number): number {
    return this.#candidate(i).sequence;
  }

  /** After the microtasks of a step are drained: has its process anything left to wait for? */
  settled(): void {
    const process = this.current;
    if (process === null) return;
    this.#observer.stepped(process);
    if (process.alive && process.runnable.length === 0 && process.waiting === 0) {
      this.halt ??= {
        reason: 'deadlock',
        process,
        message: `${process.name} waits for a promise that nothing can settle: no operation, timer or child of it is pending`,
      };
    }
  }

  /** Processes of the system under test that are alive, in the order of their start. */
  get active(): readonly SimProcess[] {
    return this.#active;
  }

  /** The process whose operation happened last. */
  get last(): SimProcess | null {
    return this.#last;
  }

  /** Deterministic: each call gives digits that no other of the run has given. */
  randomHex(bytes: number): string {
    let digits = '';
    while (digits.length < bytes * 2) {
      // A xorshift step: the digits only have to differ.
      let x = this.#randomState;
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      this.#randomState = x >>> 0;
      digits += this.#randomState.toString(16).padStart(8, '0');
    }
    return digits.slice(0, bytes * 2);
  }
}

/** The operation that starts a program; no program can ask it. */
const BEGIN: Operation = Object.freeze({ op: 'self' });

/** What signals do that nobody handles: all others end the process. */
const DEFAULT_ACTIONS: { readonly [S in Signal]?: 'ignore' } = {
  SIGCHLD: 'ignore',
  SIGCONT: 'ignore',
  // Node ignores it.
  SIGPIPE: 'ignore',
};

const ignore = (): void => {};

/** Whether an operation that may wait need not. */
function canHappen({ process, operation }: ParkedOperation): boolean {
  switch (operation.op) {
    case 'accept': {
      const description = process.fds.get(operation.fd);
      return !isListener(description) || description.queue.length > 0;
    }
    case 'sigwait':
      return process.signals !== null && process.signals.queue.length > 0;
    case 'wait': {
      const child = process.children?.find(({ pid }) => pid === operation.pid);
      return child === undefined || child.state === 'zombie';
    }
    default:
      return false;
  }
}
