import { type Command, commandOf } from '../../ports/commands.ts';
import type { Machine, Operation, Program, Reject, Resolve, Signal } from '../../ports/index.ts';
import { accesses } from '../base/accesses.ts';
import { TimerHeap } from '../base/timer-heap.ts';
import { CONDITIONS, FaultConditions } from '../faults/conditions.ts';
import type { FaultTarget, Nemesis } from '../faults/fault-target.ts';
import type { Choices } from '../kernel/choices.ts';
import { endProcess, releaseResources } from '../kernel/exit.ts';
import type { SpawnOptions } from '../kernel/kernel.ts';
import { runProgram } from '../kernel/program.ts';
import { Scheduler } from '../kernel/scheduler.ts';
import { deliver, reachesInit } from '../kernel/signals.ts';
import { Clocks } from '../records/clocks.ts';
import { ListenerTable } from '../records/listener-table.ts';
import { MachineIdentity } from '../records/machine-identity.ts';
import { ParkedOperation, type SimProcess } from '../records/process.ts';
import { ProcessTable } from '../records/process-table.ts';
import { StreamTable } from '../records/streams.ts';
import { FileSystem } from '../vfs/index.ts';
import {
  DEFAULT_HOSTNAME,
  DEFAULT_UPTIME_MS,
  DEFAULT_WALL_MS,
  type MachineObserver,
  type MachineOptions,
} from './options.ts';

/** The operation that starts a program; no program can ask for it. */
export const BEGIN: Operation = Object.freeze({ op: 'self' });

/** What a command line starts: `null` stands for an inert process. */
type StartedAs = Omit<Command, 'program'> & { readonly program: Program | null };

/** The records of a simulated machine, and what happens to its processes: they start, get signals, end, and go down with it. */
export abstract class SimKernel implements FaultTarget {
  readonly identity: MachineIdentity;
  readonly clocks: Clocks;
  readonly timers = new TimerHeap();
  readonly fs: FileSystem;
  readonly table: ProcessTable;
  readonly listeners = new ListenerTable();
  readonly streams = new StreamTable();
  readonly scheduler = new Scheduler();
  readonly choices: Choices;
  abstract readonly seam: Machine;
  nemesis: Nemesis | null = null;
  readonly hidepid: boolean;
  #conditions: FaultConditions | null = null;
  observer: MachineObserver;
  /** Called with the operations that have not happened when their process ends by itself. */
  onLeft: ((process: SimProcess, left: readonly ParkedOperation[]) => void) | null = null;
  /** How many processes of the system take part so far: those that a timeline shows. */
  acting = 0;
  /** How many operations have been asked for. */
  asked = 0;
  /** The operation that was asked for last. */
  lastParked: ParkedOperation | null = null;
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #lingerUs: number;
  #goingDown = false;

  constructor(
    choices: Choices,
    programs: ReadonlyMap<string, Program>,
    observer: MachineObserver,
    options: MachineOptions,
  ) {
    this.choices = choices;
    this.#programs = programs;
    this.observer = observer;
    const { wallMs = DEFAULT_WALL_MS, uptimeMs = DEFAULT_UPTIME_MS, wallDrift = 0 } = options;
    const clocks = new Clocks(wallMs, uptimeMs, wallDrift);
    this.clocks = clocks;
    this.identity = new MachineIdentity(options.hostname ?? DEFAULT_HOSTNAME);
    this.hidepid = options.hidepid ?? false;
    this.#lingerUs = (options.lingerMs ?? 0) * 1000;
    this.fs = new FileSystem({
      wallMs: () => clocks.wallMs(),
      durable: options.durable ?? false,
      inodes: options.inodes ?? 'reused',
      readdirBatch: options.readdirBatch ?? 1,
      timeGranularityMs: options.timeGranularityMs ?? 1,
      ...(options.filesystemType !== undefined && { filesystemType: options.filesystemType }),
      capacityBytes: options.capacityBytes ?? Number.POSITIVE_INFINITY,
    });
    if (options.files !== undefined) this.fs.load(options.files);
    this.table = new ProcessTable(options);
  }

  spawn(command: readonly string[], options: SpawnOptions): SimProcess | null {
    const { parent } = options;
    const found: StartedAs | null = options.inert
      ? { name: command[0] ?? '', program: null }
      : this.#find(command, parent);
    if (found === null) return null;
    const { name, program } = found;
    const fields = {
      name,
      uid: options.uid ?? parent?.uid ?? 0,
      startTicks: this.clocks.ticks(),
      command: found.command ?? command,
      program,
      foreign: options.foreign ?? false,
      detached: options.detached ?? false,
      pid: options.pid,
      slot: options.slot,
      pidNamespace: options.pidNamespace,
      hostname: options.hostname,
      network: options.network,
      subreaper: options.subreaper,
      reaps: options.reaps,
      unawaited: options.unawaited,
      env: options.env,
      clearEnv: options.clearEnv,
    };
    const process = this.table.add(fields, parent);
    if (program !== null) {
      this.scheduler.add(process);
      const start = (): void => runProgram(this, process, program);
      process.runnable.push(this.park(process, BEGIN, start, start));
    }
    this.observer.started(process);
    return process;
  }

  /** A program of the scenario, or else a command that the parent's program knows. */
  #find(command: readonly string[], parent: SimProcess | null): Command | null {
    const [name = ''] = command;
    const program = this.#programs.get(name);
    if (program !== undefined) return { name, program };
    return parent?.program ? commandOf(parent.program, command) : null;
  }

  crash(process: SimProcess, error: unknown, promise?: Promise<unknown>): void {
    if (!process.alive || process.uncaught?.(error, promise)) return;
    process.crash = error ?? new Error('rejected without a reason');
    this.end(process, 1, null);
  }

  end(process: SimProcess, code: number | null, signal: Signal | null): void {
    if (!process.alive) return;
    if (this.onLeft !== null && signal === null && process.crash === undefined && process.runnable.length > 0)
      this.onLeft(process, process.runnable);
    this.takesPart(process);
    endProcess(this, process, code, signal);
    this.observer.ended(process);
  }

  signal(sender: SimProcess | null, target: SimProcess, sent: Signal, exact: boolean): void {
    if (!target.alive) return;
    this.observer.signalled(sender, target, sent, exact);
    if (sender !== null && target.isInit && !reachesInit(target, sent)) return;
    deliver(this, target, sent);
  }

  restart(keep: () => boolean): void {
    this.#goingDown = true;
    for (const process of this.table.existing()) {
      if (process.alive) this.end(process, null, 'SIGKILL');
      if (process.lingering) releaseResources(this, process);
      this.table.reap(process);
    }
    this.#goingDown = false;
    this.fs.powerCut(keep);
    this.table.restart();
    this.listeners.restart();
    this.conditions = null;
    this.identity.restart();
    this.clocks.restart();
    this.observer.rebooted();
  }

  lingersUs(): number {
    if (this.#lingerUs === 0 || this.#goingDown) return 0;
    return this.choices.choose(2, 'machine') === 0 ? 0 : this.#lingerUs;
  }

  get conditions(): FaultConditions | null {
    if (accesses !== null) accesses.read(accesses.cells.of(CONDITIONS));
    return this.#conditions;
  }

  set conditions(conditions: FaultConditions | null) {
    if (accesses !== null) accesses.write(accesses.cells.of(CONDITIONS));
    this.#conditions = conditions;
  }

  faultConditions(): FaultConditions {
    if (accesses !== null) accesses.update(accesses.cells.of(CONDITIONS));
    this.#conditions ??= new FaultConditions();
    return this.#conditions;
  }

  takesPart(process: SimProcess): void {
    if (process.acts) return;
    process.acts = true;
    if (!process.foreign) this.acting++;
  }

  protected park(
    process: SimProcess,
    operation: Operation,
    resolve: Resolve,
    reject: Reject,
  ): ParkedOperation {
    this.lastParked = new ParkedOperation(process, operation, resolve, reject, this.asked++);
    return this.lastParked;
  }
}
