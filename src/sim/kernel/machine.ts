import {
  type Address,
  type Episodes,
  type Immediate,
  type Machine,
  type Operation,
  type OperationName,
  type Outcome,
  type Pending,
  type Program,
  type Reject,
  type Resolve,
  type Signal,
  SystemError,
} from '../../ports/index.ts';
import type { Choices } from '../choices.ts';
import { FaultConditions } from '../faults/conditions.ts';
import { HANDLERS } from '../syscalls/index.ts';
import { isListener, type Listener, listen } from '../syscalls/listeners.ts';
import { FileSystem } from '../vfs/index.ts';
import type { StateHasher } from './digest.ts';
import { errnoOf, isErrno } from './errno.ts';
import { type Handler, WAITS } from './handler.ts';
import { begin, end, releaseResources } from './lifecycle.ts';
import type { MachineObserver, MachineOptions, Nemesis } from './machine-options.ts';
import { saveParts } from './machine-save.ts';
import { ParkedOperation, type SimProcess } from './process.ts';
import { ProcessTable, type Slot } from './process-table.ts';
import { Scheduler } from './scheduler.ts';
import { reachesInit, signal } from './signals.ts';
import type { Restore } from './snapshot.ts';
import { TimerHeap } from './timer-heap.ts';

/** 2026-01-01T00:00:00Z: any fixed instant would do. */
const DEFAULT_WALL_MS = Date.UTC(2026, 0, 1);
const DEFAULT_HOSTNAME = 'machine';
const DEFAULT_UPTIME_MS = 1_000_000;
export const DEFAULT_OPERATION_US = 20;
/** Well below any sensible time-out, and enough for what only a slow moment brings about. */
export const DEFAULT_BUSY_MS = 300;
/** USER_HZ is 100 on every common Linux. */
const US_PER_TICK = 10_000;
/** Ended processes, programs that misbehave, and the scheduler's bound: why {@link SimMachine.step} will not go on. */
export type Halt = { readonly reason: string; readonly process: SimProcess | null; readonly message: string };

/**
 * A small Unix machine in memory. Each operation is parked when a program asks it; `step` lets one of them happen,
 * atomically. Between two steps the caller drains the microtasks, so that every process has come to rest. Pure: the same
 * programs and the same choices give the same run.
 */
export class SimMachine implements Machine<SimProcess>, Immediate<SimProcess> {
  readonly fs: FileSystem;
  readonly table: ProcessTable;
  readonly scheduler = new Scheduler();
  readonly timers = new TimerHeap();
  readonly listeners: Listener[] = [];
  /** The ephemeral TCP port that was given last, for each network. */
  readonly lastPorts = new Map<string, number>();
  bootId = bootIdOf(1);
  hostname: string;
  readonly choices: Choices;
  /** The machine as its programs see it: this one, or a decorator of it. */
  readonly seam: Machine;
  nemesis: Nemesis | null = null;
  observer: MachineObserver;
  /** Hears of each result that a process learns, before it learns it. */
  onResult: ((parked: ParkedOperation, result: unknown) => void) | null = null;
  /** Null: to programs episodes are just calls. */
  episodes: Episodes<SimProcess> | null = null;
  /** Hears of each operation of {@link MachineOptions.twoPhase} when it takes effect. */
  onEffect: ((process: SimProcess, operation: Operation, outcome: Outcome) => void) | null = null;
  /** Hears of the operations that have not happened when their process ends by itself. */
  onLeft: ((process: SimProcess, left: readonly ParkedOperation[]) => void) | null = null;
  /** Conditions that the nemesis has brought about; null: none so far. */
  conditions: FaultConditions | null = null;
  /** Whether faults may strike, or the dust settles. */
  phase: 'faults' | 'settle' = 'faults';

  /** Monotonic, since the run began. */
  nowUs = 0;
  /** The run ends here. */
  endUs = Number.POSITIVE_INFINITY;
  /** From here on time passes only when no process can go on. */
  busyUntilUs = Number.POSITIVE_INFINITY;
  /** For programs that ask on and on within one step: {@link executeNow} refuses after so many in all. */
  maxSteps = Number.POSITIVE_INFINITY;
  /** How many processes of the system take part so far: those that a timeline shows. */
  acting = 0;
  /** The process in whose step we are. */
  current: SimProcess | null = null;
  /** Set when the run must end at once. */
  halt: Halt | null = null;
  /** How far the wall clock has jumped. */
  wallOffsetMs = 0;

  readonly #programs: ReadonlyMap<string, Program>;
  readonly #wallAtBootMs: number;
  /** How long each operation takes. */
  readonly operationUs: number;
  /** How long in all time may pass although a process could go on. */
  readonly busyMs: number;
  readonly #wallDrift: number;
  /** Null: none. */
  readonly #twoPhase: ReadonlySet<OperationName> | null;
  readonly #lingerUs: number;
  #goingDown = false;
  #busyUs: number;
  #boots = 1;
  /** When the machine came up last, in the time of the run, less how long it had been up when the run began. */
  #upSinceUs: number;
  /** How long it has slept since it came up last. */
  #suspendedUs = 0;
  #sequence = 0;

  /**
   * @param seam gives the machine as its programs see it: a decorator of it (tracing, two phases)
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
    this.observer = observer;
    this.#wallAtBootMs = options.wallMs ?? DEFAULT_WALL_MS;
    this.#upSinceUs = (options.uptimeMs ?? DEFAULT_UPTIME_MS) * -1000;
    this.#wallDrift = 1 + (options.wallDrift ?? 0);
    this.operationUs = options.operationUs ?? DEFAULT_OPERATION_US;
    this.busyMs = options.busyMs ?? DEFAULT_BUSY_MS;
    this.#busyUs = this.busyMs * 1000;
    this.hostname = options.hostname ?? DEFAULT_HOSTNAME;
    this.#lingerUs = (options.lingerMs ?? 0) * 1000;
    this.#twoPhase = options.twoPhase?.length ? new Set(options.twoPhase) : null;
    this.fs = new FileSystem({
      wallMs: () => this.wallMs(),
      durable: options.durable ?? false,
      inodes: options.inodes ?? 'reused',
      readdirBatch: options.readdirBatch ?? 1,
      timeGranularityMs: options.timeGranularityMs ?? 1,
      capacityBytes: options.capacityBytes ?? Number.POSITIVE_INFINITY,
    });
    if (options.files !== undefined) this.fs.load(options.files);
    this.table = new ProcessTable(options);
    this.seam = seam(this) as Machine;
  }

  wallMs(): number {
    return Math.floor(this.#wallAtBootMs + (this.nowUs / 1000) * this.#wallDrift + this.wallOffsetMs);
  }

  monotonicMs(): number {
    return (this.nowUs - this.#upSinceUs) / 1000;
  }

  /** Clock ticks since boot: the unit of start times. As CLOCK_BOOTTIME they count the time of a suspend, which the monotonic clock does not. */
  ticks(): number {
    return Math.floor((this.nowUs - this.#upSinceUs + this.#suspendedUs) / US_PER_TICK);
  }

  /** The machine sleeps: no process and no monotonic clock notices, the wall clock and the start times of later processes do. */
  suspend(forMs: number): void {
    this.wallOffsetMs += forMs;
    this.#suspendedUs += forMs * 1000;
  }

  /** Starts a process: of the program that the command's first word names, or an inert one. Null: no such program. */
  spawn(
    command: readonly string[],
    how: {
      parent: SimProcess | null;
      detached?: boolean;
      uid?: number;
      foreign?: boolean;
      pid?: number;
      slot?: Slot | undefined;
      inert?: boolean;
      /** Of its own from here on, for its children too; else its parent's. Who is in another is invisible. */
      pidNamespace?: string | undefined;
      /** Its host name and network, for its children too; else its parent's, else the machine's. */
      hostname?: string | undefined;
      network?: string | undefined;
      /** Adopts orphans among its descendants. */
      subreaper?: boolean | undefined;
      /** Reaps whom it has adopted. As inert processes do, unless said. */
      reaps?: boolean | undefined;
      /** The parent's program does not know of it: see {@link SimProcess.unawaited}. */
      unawaited?: boolean;
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
      pid: how.pid,
      slot: how.slot,
      pidNamespace: how.pidNamespace,
      hostname: how.hostname,
      network: how.network,
      subreaper: how.subreaper,
      reaps: how.reaps,
      unawaited: how.unawaited,
    });
    if (program !== null) {
      this.scheduler.add(process);
      const start = (): void => begin(this, process, program);
      process.runnable.push(new ParkedOperation(process, BEGIN, start, start, this.#sequence++));
    }
    this.observer.started(process);
    return process;
  }

  /** An exception that nobody caught, or a rejection: Node ends the process with code 1. */
  crash(process: SimProcess, error: unknown): void {
    if (!process.alive || process.uncaught?.(error)) return;
    process.crash = error ?? new Error('rejected without a reason');
    this.end(process, 1, null);
  }

  end(process: SimProcess, code: number | null, signal: Signal | null): void {
    if (!process.alive) return;
    if (this.onLeft !== null && signal === null && process.crash === undefined && process.runnable.length > 0)
      this.onLeft(process, process.runnable);
    this.takesPart(process);
    end(this, process, code, signal);
    this.observer.ended(process);
  }

  /** Delivers a signal; permission has been checked. `sender` null: the nemesis. */
  signal(sender: SimProcess | null, target: SimProcess, sent: Signal, exact: boolean): void {
    if (!target.alive) return;
    this.observer.signalled(sender, target, sent, exact);
    if (sender !== null && target.isInit && !reachesInit(target, sent)) return;
    signal(this, target, sent);
  }

  /** The machine goes down with all that runs on it, and comes up again. `keep` chooses among unsynced changes. */
  restart(keep: () => boolean): void {
    this.#goingDown = true;
    for (const process of this.table.everybody()) {
      if (process.alive) this.end(process, null, 'SIGKILL');
      if (process.lingering) releaseResources(this, process);
      this.table.reap(process);
    }
    this.#goingDown = false;
    this.fs.powerCut(keep);
    this.table.restart();
    this.listeners.length = 0;
    this.lastPorts.clear();
    this.conditions = null;
    this.bootId = bootIdOf(++this.#boots);
    this.#upSinceUs = this.nowUs - BOOT_US;
    this.#suspendedUs = 0;
    this.observer.rebooted();
  }

  /** Whether what a process holds that a signal has ended outlasts it, and how long; by a choice of the schedule. */
  lingersUs(): number {
    if (this.#lingerUs === 0 || this.#goingDown) return 0;
    return this.choices.choose(2, 'machine') === 0 ? 0 : this.#lingerUs;
  }

  /** For conditions that a nemesis brings about. */
  faultConditions(): FaultConditions {
    this.conditions ??= new FaultConditions();
    return this.conditions;
  }

  /** A process listens, as by an operation of its own. False: it cannot. */
  listens(process: SimProcess, address: Address): boolean {
    return !isErrno(listen(this, process, { address, backlog: 0 }));
  }

  execute(process: SimProcess, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    const parked = new ParkedOperation(process, operation, resolve, reject, this.#sequence++);
    if (process !== this.current) this.#reportSharedMemory(process);
    if (!process.alive) {
      parked.state = 'settled';
      return parked;
    }
    if (operation.op === 'mark') {
      parked.state = 'settled';
      this.takesPart(process);
      this.observer.marked(process, operation.name, operation.data);
      resolve(undefined);
    } else if (mustWait(parked)) {
      this.#perform(parked);
    } else {
      process.runnable.push(parked);
    }
    return parked;
  }

  /** Lets one thing happen: an operation, a fault, or the passing of time. False: nothing more can, or the run is over. */
  step(): boolean {
    if (this.halt !== null) return false;
    this.current = null;
    if (this.timers.nextUs <= this.nowUs) this.timers.fireDue(this.nowUs);
    if (this.nemesis?.strike()) return true;
    const count = this.scheduler.count();
    if (count === 0) return this.#advance(false);
    if (this.#busyUs > 0 && this.#passesTime()) return this.#advance(true);
    const parked = this.scheduler.candidate(count === 1 ? 0 : this.#choose(count));
    this.scheduler.take(parked);
    this.nowUs += this.operationUs;
    this.current = parked.process;
    if (parked.operation === BEGIN) parked.resolve(undefined);
    else this.#perform(parked);
    return true;
  }

  /** After the microtasks of a step are drained: has its process anything left to wait for? */
  settled(): void {
    const process = this.current;
    if (process === null) return;
    this.observer.stepped(process);
    if (!process.alive || process.runnable.length > 0 || process.waiting > 0) return;
    // A socket that listens keeps a process going, whether or not anybody accepts.
    for (const description of process.fds.values()) if (isListener(description)) return;
    this.halt ??= {
      reason: 'deadlock',
      process,
      message: `${process.name} waits for a promise that nothing can settle: no operation, timer or child of it is pending`,
    };
  }

  get immediate(): Immediate<SimProcess> {
    return this;
  }

  /** Time stands still for all others meanwhile: nobody else goes on. */
  executeNow(process: SimProcess, operation: Operation): unknown {
    if (this.scheduler.steps > this.maxSteps) throw this.#tooMany(process);
    // A process may be killed between two synchronous calls too; stopped, it comes to the end of its step first.
    if (this.nemesis?.strike() && !process.alive) return undefined;
    const outcome: { value?: unknown; error?: SystemError; known: boolean } = { known: false };
    const pending = this.seam.execute(
      process,
      operation,
      (value) => Object.assign(outcome, { value, known: true }),
      (error) => Object.assign(outcome, { error, known: true }),
    );
    const parked = process.runnable.at(-1);
    if (!outcome.known && parked?.operation === operation) {
      this.scheduler.take(parked);
      this.nowUs += this.operationUs;
      this.#perform(parked);
      // The second phase follows at once: nobody else goes on meanwhile.
      if (process.runnable.at(-1) === parked && parked.outcome instanceof Effect) {
        process.runnable.pop();
        this.#perform(parked);
      }
    }
    if (!outcome.known && process.alive) {
      pending.cancel();
      throw new SystemError('EAGAIN', operation);
    }
    if (outcome.error !== undefined) throw outcome.error;
    return outcome.value;
  }

  /**
   * All that decides, with the choices to come, what can still happen; to be called between two steps, or before the first
   * effect of one. Left to whoever else has it: what programs have learned, parked operations, the nemesis.
   */
  save(): Restore {
    const { bootId, hostname, nemesis, conditions, phase, nowUs, endUs, wallOffsetMs } = this;
    const busyUs = this.#busyUs;
    const boots = this.#boots;
    const upSinceUs = this.#upSinceUs;
    const suspendedUs = this.#suspendedUs;
    const sequence = this.#sequence;
    const { acting } = this;
    const restoreParts = saveParts(this);
    return () => {
      this.bootId = bootId;
      this.hostname = hostname;
      this.nemesis = nemesis;
      this.conditions = conditions;
      this.phase = phase;
      this.nowUs = nowUs;
      this.endUs = endUs;
      this.wallOffsetMs = wallOffsetMs;
      this.current = null;
      this.halt = null;
      this.#busyUs = busyUs;
      this.#boots = boots;
      this.#upSinceUs = upSinceUs;
      this.#suspendedUs = suspendedUs;
      this.#sequence = sequence;
      this.acting = acting;
      restoreParts();
    };
  }

  /** For {@link digestMachine}. */
  digestClocks(digest: StateHasher): void {
    digest.number(this.#upSinceUs);
    digest.number(this.#suspendedUs);
    digest.number(this.#busyUs);
  }

  readClock(process: SimProcess, which: 'wall' | 'monotonic'): number {
    this.nowUs++;
    return HANDLERS.clock(this, { process } as ParkedOperation<'clock'>, { op: 'clock', which }) as number;
  }

  /** Deterministic: each process has digits of its own, whatever the others do. */
  randomHex(process: SimProcess, bytes: number): string {
    let digits = '';
    while (digits.length < bytes * 2) {
      // A xorshift step: the digits only have to differ.
      let x = process.randomState;
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      process.randomState = x >>> 0;
      digits += process.randomState.toString(16).padStart(8, '0');
    }
    return digits.slice(0, bytes * 2);
  }

  /** A process does something, ends or is struck by a fault: from now on it takes part in the run. */
  takesPart(process: SimProcess): void {
    if (process.acts) return;
    process.acts = true;
    if (!process.foreign) this.acting++;
  }

  #perform(parked: ParkedOperation): void {
    this.takesPart(parked.process);
    if (this.#twoPhase !== null && parked.outcome instanceof Effect) {
      this.#deliver(parked, parked.outcome.result);
      return;
    }
    let { operation } = parked;
    if (this.conditions !== null) {
      if (this.#meets(parked, this.conditions)) return;
      operation = this.conditions.shortened(parked);
    }
    const handler = HANDLERS[operation.op] as unknown as Handler<Operation['op']>;
    const result = handler(this, parked, operation as never);
    if (result === WAITS) {
      parked.state = 'waiting';
      // As in Node, waiting for a signal alone does not keep a process going.
      if (operation.op !== 'sigwait') parked.process.waiting++;
      return;
    }
    if (this.#twoPhase !== null && this.#takesEffect(parked, result)) return;
    this.#deliver(parked, result);
  }

  /** The first of two phases: the result is there, and its process does not know it yet. */
  #takesEffect(parked: ParkedOperation, result: unknown): boolean {
    const { process, operation } = parked;
    if (!this.#twoPhase!.has(operation.op) || !process.alive) return false;
    this.onEffect?.(process, operation, outcomeOf(result, operation));
    parked.outcome = new Effect(result);
    process.runnable.push(parked);
    return true;
  }

  #deliver(parked: ParkedOperation, result: unknown): void {
    const { operation } = parked;
    parked.state = 'settled';
    // Whoever has ended, by this very operation or while it waited, learns no result.
    if (!parked.process.alive) return;
    this.onResult?.(parked, result);
    if (isErrno(result)) parked.reject(new SystemError(result.code, operation));
    else parked.resolve(result);
  }

  /** Whether a fault condition decides what becomes of an operation. */
  #meets(parked: ParkedOperation, conditions: FaultConditions): boolean {
    const code = conditions.failureOf(parked, this.nowUs);
    if (code !== null) {
      parked.state = 'settled';
      this.onResult?.(parked, errnoOf(code));
      parked.reject(new SystemError(code, parked.operation));
      return true;
    }
    if (parked.timer !== null) return false;
    const lateMs = conditions.delayOf(parked);
    if (lateMs === 0) return false;
    const { timeoutMs } = parked.operation as Operation<'request'>;
    if (lateMs >= timeoutMs) {
      // Handled as a request that has been sent and is not answered.
      parked.timer = this.timers.set(this.nowUs + timeoutMs * 1000, parked);
    } else {
      this.timers.set(this.nowUs + lateMs * 1000, parked);
    }
    parked.state = 'waiting';
    parked.process.waiting++;
    return true;
  }

  /** Time goes to the next timer. False when there is none before the end of the run. */
  #advance(busy: boolean): boolean {
    const { nextUs } = this.timers;
    if (nextUs > this.endUs) return false;
    if (nextUs > this.nowUs) this.nowUs = nextUs;
    this.timers.fireDue(this.nowUs);
    this.observer.advanced(busy);
    return true;
  }

  /** A busy machine: time passes although a process could go on. Bounded in all by `busyMs`. */
  #passesTime(): boolean {
    const { nextUs } = this.timers;
    const lateUs = nextUs - this.nowUs;
    if (lateUs > this.#busyUs || nextUs > this.busyUntilUs) return false;
    if (this.choices.choose(2, 'time') === 0) return false;
    this.#busyUs -= lateUs;
    return true;
  }

  #choose(count: number): number {
    return this.choices.choose(count, this.phase === 'faults' ? 'schedule' : 'settle', this.scheduler);
  }

  #tooMany(process: SimProcess): Error {
    const message = `not over after ${this.maxSteps} steps: ${process.name} calls synchronously on and on`;
    this.halt ??= { reason: 'step-bound', process, message };
    return new Error(message);
  }

  /** Real processes share no memory: code of one that runs in the step of another is a mistake of the scenario. */
  #reportSharedMemory(process: SimProcess): void {
    this.halt ??= {
      reason: 'shared-memory',
      process,
      message: `${process.name} went on in a step of ${this.current?.name ?? 'no process'}: programs must share no variables`,
    };
  }
}

/** How long the machine has been up when processes start again after a reboot. */
const BOOT_US = 20_000_000;

function bootIdOf(boot: number): string {
  return `00000000-0000-4000-8000-${boot.toString(16).padStart(12, '0')}`;
}

/** What an operation in two phases has come to. */
class Effect {
  readonly result: unknown;

  constructor(result: unknown) {
    this.result = result;
  }
}

function outcomeOf(result: unknown, operation: Operation): Outcome {
  return isErrno(result) ? { error: new SystemError(result.code, operation) } : { value: result };
}

/** The operation that starts a program; no program can ask it. */
const BEGIN: Operation = Object.freeze({ op: 'self' });

/** Whether an operation begins to wait at once, without a step of its own. */
function mustWait({ process, operation }: ParkedOperation): boolean {
  switch (operation.op) {
    case 'sleep':
      return true;
    case 'accept': {
      const description = process.fds.get(operation.fd);
      return isListener(description) && description.queue.length === 0;
    }
    case 'sigwait':
      return process.signals === null || process.signals.queue.length === 0;
    case 'wait':
      return process.children?.find(({ pid }) => pid === operation.pid)?.alive ?? false;
    default:
      return false;
  }
}
