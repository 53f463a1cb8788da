import type {
  Episodes,
  Immediate,
  Machine,
  Operation,
  OperationName,
  Outcome,
  Pending,
  Program,
  Reject,
  Resolve,
} from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import type { Restore } from '../base/snapshot.ts';
import type { Fingerprint, StateVisitor } from '../base/state-hasher.ts';
import type { Choices } from '../kernel/choices.ts';
import { readClock } from '../kernel/clock.ts';
import { randomHex } from '../kernel/random.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import { SharedDescriptions } from '../records/shared-descriptions.ts';
import { BusyTime } from './busy-time.ts';
import { deadlockOf, type Halt, sharedMemory } from './halt.ts';
import { type ImmediatePerformer, isPreempted, performApart, performNow } from './immediate.ts';
import {
  DEFAULT_BUSY_MS,
  DEFAULT_OPERATION_US,
  type MachineObserver,
  type MachineOptions,
} from './options.ts';
import { type AccessWatch, mustWait, type OperationRecorder, perform, performWatched } from './perform.ts';
import { saveRecords } from './save.ts';
import { BEGIN, SimKernel } from './sim-kernel.ts';

/** The cell of the phase. */
const PHASE = 'phase';

/** What a process has learned so far decides what it will do: a fingerprint of that, kept by the search. */
export type HistoryOf = (process: SimProcess) => Fingerprint | null;

/**
 * A small Unix machine in memory. Each operation is parked when a program asks for it; `step` lets one of them happen,
 * atomically. Between two steps the caller drains the microtasks, so that every process has come to rest. Pure: the same
 * programs and the same choices give the same run.
 */
export class SimMachine
  extends SimKernel
  implements Machine<SimProcess>, Immediate<SimProcess>, ImmediatePerformer
{
  readonly seam: Machine;
  readonly busyTime: BusyTime;
  /** How long each operation takes. */
  readonly operationUs: number;
  /** How long in all time may pass although a process could go on. */
  readonly busyMs: number;
  readonly twoPhase: ReadonlySet<OperationName> | null;
  watch: AccessWatch | null = null;
  recorder: OperationRecorder | null = null;
  onResult: ((parked: ParkedOperation, result: unknown) => void) | null = null;
  onEffect: ((process: SimProcess, operation: Operation, outcome: Outcome) => void) | null = null;
  /** `null` if a summary is an ordinary call. */
  episodes: Episodes<SimProcess> | null = null;
  #phase: 'faults' | 'settle' = 'faults';
  /** The run ends here. */
  endUs = Number.POSITIVE_INFINITY;
  maxSteps = Number.POSITIVE_INFINITY;
  /** The process in whose step we are. */
  current: SimProcess | null = null;
  halt: Halt | null = null;

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
    super(choices, programs, observer, options);
    this.operationUs = options.operationUs ?? DEFAULT_OPERATION_US;
    this.busyMs = options.busyMs ?? DEFAULT_BUSY_MS;
    this.busyTime = new BusyTime(this.busyMs);
    this.twoPhase = options.twoPhase?.length ? new Set(options.twoPhase) : null;
    this.seam = seam(this) as Machine;
  }

  /** Monotonic, since the run began. */
  get nowUs(): number {
    return this.clocks.nowUs;
  }

  /** Whether faults may strike, or the run settles. */
  get phase(): 'faults' | 'settle' {
    return this.#phase;
  }

  set phase(phase: 'faults' | 'settle') {
    if (accesses !== null) accesses.write(accesses.cells.of(PHASE));
    this.#phase = phase;
  }

  execute(process: SimProcess, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    const parked = this.park(process, operation, resolve, reject);
    if (process !== this.current) this.halt ??= sharedMemory(process, this.current);
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
      perform(this, parked);
    } else {
      process.runnable.push(parked);
    }
    return parked;
  }

  /** Fires the timers that are due: so the operations that could happen next are known. */
  fireDue(): void {
    this.timers.fireDue(this.clocks.unloggedNowUs);
  }

  /** Lets a fault strike, by a choice of the schedule. False: none does. */
  strikes(): boolean {
    if (this.halt !== null) return false;
    this.current = null;
    this.fireDue();
    return this.nemesis?.strike() ?? false;
  }

  /** Lets one thing happen: an operation, a fault, or the passing of time. False: nothing more can, or the run is over. */
  step(): boolean {
    if (this.halt !== null) return false;
    if (this.strikes()) return true;
    const { clocks, timers, scheduler } = this;
    const count = scheduler.count();
    if (count === 0) return this.#advance(false);
    if (this.busyTime.passes(clocks, timers, this.choices)) return this.#advance(true);
    const parked = scheduler.candidate(count === 1 ? 0 : this.#choose(count));
    scheduler.take(parked);
    if (this.operationUs > 0) clocks.nowUs += this.operationUs;
    this.current = parked.process;
    if (parked.operation === BEGIN) parked.resolve(undefined);
    else if (this.watch === null) perform(this, parked);
    else performWatched(this, parked);
    return true;
  }

  /** To be called after the microtasks of a step are drained. */
  settled(): void {
    const process = this.current;
    if (process === null) return;
    this.observer.stepped(process);
    this.halt ??= deadlockOf(process);
  }

  get immediate(): Immediate<SimProcess> {
    return this;
  }

  executeNow(process: SimProcess, operation: Operation): unknown {
    return performNow(this, process, operation);
  }

  preempts(process: SimProcess, operation: Operation): boolean {
    return isPreempted(this, process, operation);
  }

  executeApart(process: SimProcess, operation: Operation, resolve: Resolve, reject: Reject): Pending {
    return performApart(this, process, operation, resolve, reject);
  }

  crashes(process: SimProcess, error: unknown): void {
    this.crash(process, error);
  }

  departs(process: SimProcess, message: string): void {
    this.halt ??= { reason: 'nondeterministic', process, message };
  }

  readClock(process: SimProcess, which: 'wall' | 'monotonic'): number {
    this.clocks.nowUs++;
    return readClock(this.clocks, process, which);
  }

  randomHex(process: SimProcess, bytes: number): string {
    return randomHex(process, bytes);
  }

  /**
   * All that decides, with the choices to come, what can still happen; to be called between two steps, or before the first
   * effect of one. Not included: what programs have learned, parked operations, the nemesis.
   */
  save(): Restore {
    const { nemesis, conditions, endUs, acting, asked } = this;
    const phase = this.#phase;
    const restoreBusyTime = this.busyTime.save();
    const restoreRecords = saveRecords(this);
    return () => {
      this.nemesis = nemesis;
      this.conditions = conditions;
      this.#phase = phase;
      this.endUs = endUs;
      this.acting = acting;
      this.current = null;
      this.halt = null;
      this.asked = asked;
      restoreBusyTime();
      restoreRecords();
    };
  }

  /**
   * All parts of the state: what decides, together with the choices to come, what can still happen. Left out is what makes no
   * difference any more: the order in which operations were asked for, how many steps it took, which process ran last. What a
   * nemesis may still do is for it to tell, and what processes have learned for the search.
   *
   * @param historyOf what the program of a process has learned so far; `null`: not known
   */
  visit(into: StateVisitor, historyOf: HistoryOf): void {
    for (const record of [
      this.clocks,
      this.identity,
      this.busyTime,
      this.table,
      this.fs,
      this.listeners,
      this.streams,
      this.timers,
    ])
      record.visit(into);
    const descriptions = new SharedDescriptions();
    for (const process of this.table.all())
      process.visit(into, process.alive ? historyOf(process) : null, descriptions);
    descriptions.visit(into);
    into.part(into.cells.of(PHASE));
    into.text(this.#phase);
    this.conditions?.visit(into);
  }

  /** Time goes to the next timer. False when there is none before the end of the run. */
  #advance(busy: boolean): boolean {
    const { clocks, timers } = this;
    const { nextUs } = timers;
    if (nextUs > this.endUs) return false;
    if (nextUs > clocks.nowUs) clocks.nowUs = nextUs;
    timers.fireDue(clocks.nowUs);
    this.observer.advanced(busy);
    return true;
  }

  #choose(count: number): number {
    return this.choices.choose(count, this.phase === 'faults' ? 'schedule' : 'settle', this.scheduler);
  }
}
