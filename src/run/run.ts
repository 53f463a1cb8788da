import { type Machine, type MarkData, type Operation, traced } from '../ports/index.ts';
import { type Container, containersOf } from '../scenario/containers.ts';
import type { Always, Eventually, Invariant } from '../scenario/invariant.ts';
import type { Scenario, Start } from '../scenario/options.ts';
import { busyUntilMsOf } from '../scenario/run-bounds.ts';
import { placeOfError, shortPlace } from '../scenario/source-location.ts';
import { World } from '../scenario/world.ts';
import {
  type Choices,
  type Digest,
  type Due,
  digestMachine,
  type HistoryOf,
  type MachineOptions,
  PlannedNemesis,
  type Restore,
  SimMachine,
  type SimProcess,
  type Slot,
  type Strike,
} from '../sim/index.ts';
import { Notes } from './notes.ts';
import {
  endEvent,
  faultEvent,
  logEvent,
  messageOf,
  operationEvent,
  startEvent,
  type TraceEvent,
} from './trace.ts';

/** What a run has violated. */
export interface Failure {
  /** The name of an invariant of the scenario, or one that holds for every run: see {@link BUILT_IN}. */
  readonly invariant: string;
  readonly message: string;
  /** Where in people's code: `file:line:column` (of a loop without an end `file:line`), the file from the working directory. Absent: not known. */
  readonly at?: string | undefined;
}

/** Invariants of every run, whatever its scenario says. */
export const BUILT_IN = {
  crash: 'no program crashes',
  deadlock: 'no process waits for ever',
  'shared-memory': 'programs share no memory',
  'step-bound': 'a run ends within its step bound',
  'never-yields': 'every program yields',
  'hung-invariant': 'every invariant returns',
  ambient: 'programs use only their ports',
} as const;

/** Who else wants to know what happens in a run. */
export interface RunListener {
  stepped?(process: SimProcess): void;
  advanced?(busy: boolean): void;
  marked?(process: SimProcess, name: string): void;
  struck?(strike: Strike): void;
}

export interface RunOptions {
  /** Collects the events of the run. Costs about as much as the run itself. */
  trace?: TraceEvent[];
  listener?: RunListener;
  /** Collects {@link Run.notes}. With a trace they are collected unless said. */
  notes?: boolean;
}

/** One run of a scenario: a pure function of the scenario and the choices. */
export class Run {
  readonly scenario: Scenario;
  readonly machine: SimMachine;
  world: Observer;
  failure: Failure | null = null;
  /** Whether its programs go on in microtasks, which are drained after each step. */
  readonly drains: boolean = true;
  /** How many processes each entry of the scenario's `start` has begun, in its order. */
  readonly started: number[];
  /** Demanded processes that are there and never get to run: only shrinking asks for that. */
  readonly idle: string[] = [];
  /** When the first of them was started, in simulated microseconds. */
  #idleSinceUs = Number.POSITIVE_INFINITY;
  /** Processes of optional starts that this run does without. */
  readonly leftOut: string[] = [];
  readonly #everyStep: readonly Always[];
  readonly #onChange: readonly Always[];
  readonly #nemesis: PlannedNemesis | null;
  #saved: { readonly world: Observer; readonly events: number; readonly copy: Observer } | null = null;
  #abandoned = false;
  #reachedAt: string | null = null;
  /** The invariant that is being asked. */
  #asking: string | null = null;
  #notes: Notes | null = null;
  /** PID namespaces of the programs that are started; the others cannot be a parent. */
  readonly #namespaces = new Map<string, string | undefined>();
  readonly #containers: ReadonlyMap<string, Container>;
  /** How many more may be left out: one process of the system runs in any case. */
  #mayBeLeftOut = -1;

  constructor(
    scenario: Scenario,
    choices: Choices,
    { trace, listener, notes = trace !== undefined }: RunOptions = {},
  ) {
    this.scenario = scenario;
    const { faults, faultsForMs, settleMs } = scenario;
    const { everyStep, onChange, containers, options } = partsOf(scenario);
    this.#everyStep = everyStep;
    this.#onChange = onChange;
    this.#containers = containers;
    const world = new Observer(trace, listener);
    this.world = world;
    // In two phases: a trace tells what has happened when it happens, whoever knows it.
    const told = new Set<object>();
    const seam =
      trace === undefined
        ? undefined
        : (machine: SimMachine): Machine<SimProcess> =>
            traced(machine, (process, operation, outcome) => {
              if (told.delete(operation)) return;
              trace.push(operationEvent({ ...this.world.at(), process: process.name }, operation, outcome));
            });
    this.machine = new SimMachine(choices, scenario.programs, world, options, seam);
    if (trace !== undefined) {
      this.machine.onEffect = (process, operation, outcome) => {
        told.add(operation);
        trace.push(operationEvent({ ...world.at(), process: process.name }, operation, outcome));
      };
    }
    if (notes) {
      this.#notes = new Notes();
      this.machine.onLeft = (process, left) =>
        this.#notes?.left(process, left, (operation) => this.placeOf(operation));
    }
    world.machine = this.machine;
    world.onReboot = () => {
      for (const start of scenario.start) if (start.atBoot) this.#startAgain(start);
    };
    this.#nemesis = PlannedNemesis.plans(faults)
      ? new PlannedNemesis(this.machine, faults, (strike) => this.world.struck(strike))
      : null;
    this.machine.nemesis = this.#nemesis;
    this.machine.maxSteps = scenario.maxSteps;
    this.machine.endUs = (faultsForMs + settleMs) * 1000;
    this.machine.busyUntilUs = busyUntilMsOf(scenario) * 1000;
    const settle = (): void => {
      this.machine.phase = 'settle';
      this.#nemesis?.heal();
    };
    this.machine.timers.set(faultsForMs * 1000, new Planned('settle', settle));
    this.started = scenario.start.map(() => 0);
    for (const { foreign, count = 1 } of scenario.start) if (!foreign) this.#mayBeLeftOut += count;
    for (const { pid, pidNamespace } of scenario.start) {
      if (pid !== undefined && pidNamespace !== undefined) this.machine.table.setAside(pid, pidNamespace);
    }
    for (const [entry, start] of scenario.start.entries()) this.#schedule(start, entry);
  }

  /** What is no violation and worth knowing: see {@link Notes}. */
  get notes(): ReadonlyMap<string, string> {
    return this.#notes?.all ?? new Map();
  }

  get faults(): number {
    return this.#nemesis?.strikes ?? 0;
  }

  /** How often the fault that a choice numbers may still strike. */
  faultsLeft(choice: number): number {
    return this.#nemesis?.leftOf(choice) ?? 0;
  }

  /**
   * Whether processes that never got to run were merely slow, within what the scenario allows: no more time has passed since
   * they started than may pass although a process could go on, not counting what operations took.
   */
  get idleIsSlow(): boolean {
    if (this.idle.length === 0) return true;
    const { nowUs, scheduler, busyMs, operationUs } = this.machine;
    return nowUs - this.#idleSinceUs - scheduler.steps * operationUs <= busyMs * 1_000;
  }

  /** By fault that may strike, how often it has. */
  strikes(): readonly (readonly [string, number])[] {
    return this.#nemesis?.strikesByFault() ?? [];
  }

  /** All that decides, with the choices to come, what can still happen, and what invariants look at. */
  digest(digest: Digest, historyOf: HistoryOf): void {
    digestMachine(this.machine, digest, historyOf);
    this.#nemesis?.digest(digest);
    this.world.digest(digest);
  }

  /**
   * To be called between two steps, or before the first effect of one. Restored, the run has another {@link World}: what is
   * known of the one that was left may not be true in it. What programs do is not the run's to restore.
   */
  save(): Restore {
    const { machine, failure } = this;
    const started = this.started.slice();
    const restoreMachine = machine.save();
    const restoreNemesis = this.#nemesis?.save();
    const saved = this.#saveWorld();
    return () => {
      restoreMachine();
      restoreNemesis?.();
      this.failure = failure;
      for (const [entry, begun] of started.entries()) this.started[entry] = begun;
      if (this.#saveWorld() === saved) return;
      this.world = saved.copy();
      this.#saved = { world: this.world, events: this.world.events, copy: saved };
      machine.observer = this.world;
    };
  }

  /** A copy of the world as it is; the same one, as long as nothing has happened in it. */
  #saveWorld(): Observer {
    const { world } = this;
    const { events, notes } = world;
    if (this.#saved?.world !== world || this.#saved.events !== events || notes.size > 0)
      this.#saved = { world, events, copy: world.copy() };
    return this.#saved.copy;
  }

  /** One step; the caller drains the microtasks, then calls {@link settled}. False: the run is over. */
  step(): boolean {
    if (this.failure !== null || this.#abandoned) return false;
    const { machine } = this;
    if (machine.scheduler.steps > this.scenario.maxSteps) {
      this.#fail(
        BUILT_IN['step-bound'],
        `not over after ${this.scenario.maxSteps} steps, at ${this.world.nowMs} ms`,
      );
      return false;
    }
    return machine.step();
  }

  settled(): void {
    const { machine, world } = this;
    machine.settled();
    if (machine.halt !== null) {
      const { reason, message } = machine.halt;
      this.#fail(BUILT_IN[reason as keyof typeof BUILT_IN], message, this.#reachedAt);
      return;
    }
    for (const invariant of this.#everyStep) this.#ask(invariant);
    if (!world.changed) return;
    world.changed = false;
    if (world.crashed !== null && this.scenario.crashes === 'forbidden') {
      const { name, crash } = world.crashed;
      this.#fail(BUILT_IN.crash, `${name}: ${messageOf(crash)}`, placeOfError(crash));
    }
    for (const invariant of this.#onChange) this.#ask(invariant);
  }

  /** At the end: what must be true once the dust has settled. */
  finish(): Failure | null {
    if (this.failure !== null || this.#abandoned) return this.failure;
    for (const invariant of this.scenario.invariants) {
      if (invariant.kind === 'eventually') this.#ask(invariant);
    }
    return this.failure;
  }

  /** Ends it here, unless it has failed by then: nobody wants to know how it goes on. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** A program, or an invariant, ran on and on within one step and had to be ended by force. */
  overran(timeoutMs: number): Failure {
    if (this.#asking !== null) {
      const message = `the invariant ${JSON.stringify(this.#asking)} did not return for ${timeoutMs} ms of real time`;
      this.#fail(BUILT_IN['hung-invariant'], message);
      return this.failure!;
    }
    const name = this.machine.current?.name ?? 'a program';
    this.#fail(BUILT_IN['never-yields'], `${name} did not yield for ${timeoutMs} ms of real time`);
    return this.failure!;
  }

  /** A program reached the real machine behind the back of its ports. */
  reached(what: string, where: string, instead: string): void {
    const process = this.machine.current;
    if (this.machine.halt !== null) return;
    this.#reachedAt = shortPlace(where);
    this.machine.halt = {
      reason: 'ambient',
      process,
      message: `${process?.name ?? 'a program'} reached ${what}, which is not the simulated machine's (${instead})`,
    };
  }

  /** A program read a variable of the environment that only the real machine has. */
  missed(variable: string): void {
    this.#notes?.missed(this.machine.current, variable);
  }

  /** Where in people's code an operation was asked for; null: not known. */
  protected placeOf(_operation: Operation): string | null {
    return null;
  }

  #schedule(start: Start, entry: number): void {
    const { machine } = this;
    const { program, parent, pid, optional = false, foreign = false, count = 1 } = start;
    const pidNamespace = start.pidNamespace ?? this.#namespaces.get(parent ?? '');
    for (let i = 0; i < count; i++) {
      // One that is left out leaves a gap, so that the others keep their names and PIDs.
      const slot = machine.table.reserve(program, pidNamespace, pid);
      if (parent !== undefined && !this.#namespaces.has(parent)) {
        if (!foreign) this.#mayBeLeftOut--;
        continue;
      }
      if (optional && this.#leavesOut('optional')) {
        this.leftOut.push(slot.name);
        continue;
      }
      const idle = !optional && !foreign && start.phase !== 'settle' && this.#leavesOut('absent');
      if (idle) this.idle.push(slot.name);
      this.#namespaces.set(program, pidNamespace);
      const begin = (): void => {
        if (!this.#begin(start, slot, idle)) return;
        this.started[entry]!++;
        if (idle) this.#idleSinceUs = Math.min(this.#idleSinceUs, machine.nowUs);
      };
      const atMs = (start.atMs ?? 0) + (start.phase === 'settle' ? this.scenario.faultsForMs : 0);
      if (atMs === 0) begin();
      else machine.timers.set(atMs * 1000, new Planned(`start ${slot.name}`, begin));
    }
  }

  #leavesOut(concern: 'optional' | 'absent'): boolean {
    if (this.#mayBeLeftOut === 0 || this.machine.choices.choose(2, concern) === 0) return false;
    this.#mayBeLeftOut--;
    return true;
  }

  /** After a reboot: whatever is started at boot, as many of it as the script says. */
  #startAgain(start: Start): void {
    const { machine } = this;
    const { program, pidNamespace, pid, atMs = 0, count = 1 } = start;
    for (let i = 0; i < count; i++) {
      const slot = pid === undefined ? undefined : machine.table.reserve(program, pidNamespace, pid);
      const begin = (): void => void this.#begin(start, slot);
      machine.timers.set(machine.nowUs + atMs * 1000, new Planned(`start ${slot?.name ?? program}`, begin));
    }
  }

  /**
   * False: its parent has ended, or there are too many processes.
   *
   * @param idle it is there, and never gets to run
   */
  #begin(start: Start, slot?: Slot, idle = false): boolean {
    const { program, argv = [], uid = 0, foreign = false, wallOffsetMs = 0, pidNamespace, subreaper } = start;
    const parent = start.parent === undefined ? null : this.#oldest(start.parent);
    if (parent === undefined) return false;
    const container = this.#containers.get(pidNamespace ?? '');
    const process = this.machine.spawn([program, ...argv], {
      parent,
      uid,
      foreign,
      slot,
      pidNamespace,
      hostname: start.hostname ?? container?.hostname,
      network: start.network ?? container?.network,
      subreaper,
      reaps: subreaper,
      unawaited: true,
      inert: idle,
    });
    if (process !== null) process.wallOffsetMs = wallOffsetMs;
    return process !== null;
  }

  #oldest(program: string): SimProcess | undefined {
    // A title that it has set changes its command, but not its name.
    return this.machine.table.all().find(({ name, alive }) => alive && name.startsWith(`${program}#`));
  }

  /** An invariant that throws does not hold: so there is a run to see why. */
  #ask({ name, check }: Always | Eventually): void {
    let complaint: unknown;
    let at: string | null = null;
    this.#asking = name;
    try {
      complaint = check(this.world);
    } catch (error) {
      complaint = `the invariant itself has failed: ${messageOf(error)}`;
      at = placeOfError(error);
    }
    this.#asking = null;
    if (typeof complaint === 'string') this.#fail(name, complaint, at);
    else if (complaint !== null) {
      const hint = complaint === undefined ? '. Is a return missing?' : '';
      this.#fail(name, `the invariant returned ${messageOf(complaint)}: expected a text, or null${hint}`);
    }
  }

  #fail(invariant: string, message: string, at: string | null = null): void {
    this.failure ??=
      at === null ? { invariant, message } : { invariant, message: `${message}, at ${at}`, at };
  }
}

/** Something that the script of a scenario plans for a time. */
class Planned implements Due {
  readonly #what: string;
  readonly #happen: () => void;

  constructor(what: string, happen: () => void) {
    this.#what = what;
    this.#happen = happen;
  }

  fire(): void {
    this.#happen();
  }

  digest(digest: Digest): void {
    digest.text(this.#what);
  }
}

/** What all runs of a scenario begin with. */
interface Parts {
  readonly everyStep: readonly Always[];
  readonly onChange: readonly Always[];
  readonly containers: ReadonlyMap<string, Container>;
  readonly options: MachineOptions;
}

const parts = new WeakMap<Scenario, Parts>();

function partsOf(scenario: Scenario): Parts {
  let known = parts.get(scenario);
  if (known === undefined) {
    const always = scenario.invariants.filter(isAlways);
    known = {
      everyStep: always.filter(({ when }) => when === 'step'),
      onChange: always.filter(({ when }) => when === 'change'),
      containers: containersOf(scenario.start),
      options: { durable: Object.hasOwn(scenario.faults, 'power-cut'), ...scenario.machine },
    };
    parts.set(scenario, known);
  }
  return known;
}

function isAlways(invariant: Invariant): invariant is Always {
  return invariant.kind === 'always';
}

/** The world of a run, and whoever else listens. */
class Observer extends World {
  crashed: SimProcess | null = null;
  onReboot: () => void = () => {};
  readonly #trace: TraceEvent[] | undefined;
  readonly #listener: RunListener | undefined;

  constructor(trace: TraceEvent[] | undefined, listener: RunListener | undefined) {
    super();
    this.#trace = trace;
    this.#listener = listener;
    if (trace !== undefined) {
      this.printed = (process, stream, text) => trace.push(logEvent(this.at(), process, stream, text));
    }
  }

  copy(): Observer {
    const copy = new Observer(this.#trace, this.#listener);
    copy.take(this);
    copy.crashed = this.crashed;
    copy.onReboot = this.onReboot;
    return copy;
  }

  at(): { step: number; atMs: number } {
    return { step: this.machine.scheduler.steps, atMs: this.machine.nowUs / 1000 };
  }

  struck(strike: Strike): void {
    this.happened();
    this.#trace?.push(faultEvent(this.at(), strike));
    this.#listener?.struck?.(strike);
  }

  override started(process: SimProcess): void {
    super.started(process);
    this.#trace?.push(startEvent(this.at(), process));
  }

  override ended(process: SimProcess): void {
    super.ended(process);
    if (process.crash !== undefined) this.crashed ??= process;
    this.#trace?.push(endEvent(this.at(), process));
  }

  override marked(process: SimProcess, name: string, data: MarkData): void {
    super.marked(process, name, data);
    this.#listener?.marked?.(process, name);
  }

  override stepped(process: SimProcess): void {
    this.#listener?.stepped?.(process);
  }

  override rebooted(): void {
    this.onReboot();
  }

  override advanced(busy: boolean): void {
    this.#listener?.advanced?.(busy);
  }
}
