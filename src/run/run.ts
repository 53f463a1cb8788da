import { type Machine, type Operation, traced } from '../ports/index.ts';
import { type Container, containersOf } from '../scenario/containers.ts';
import type { Always, Eventually, Invariant } from '../scenario/invariant.ts';
import type { Scenario } from '../scenario/options.ts';
import { busyUntilMsOf } from '../scenario/run-bounds.ts';
import { placeOfError, shortPlace } from '../scenario/source-location.ts';
import {
  type Choices,
  digestMachine,
  type HistoryOf,
  type MachineOptions,
  PlannedNemesis,
  type Restore,
  SimMachine,
  type SimProcess,
  type StateHasher,
} from '../sim/index.ts';
import { BUILT_IN, type Failure } from './failure.ts';
import { Notes } from './notes.ts';
import { Observer, type RunListener } from './observer.ts';
import { Planned } from './planned.ts';
import { StartPlan } from './start-plan.ts';
import { messageOf, operationEvent, type TraceEvent } from './trace.ts';

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
  readonly #starts: StartPlan;
  readonly #everyStep: readonly Always[];
  readonly #onChange: readonly Always[];
  readonly #nemesis: PlannedNemesis | null;
  #saved: { readonly world: Observer; readonly events: number; readonly copy: Observer } | null = null;
  #abandoned = false;
  #reachedAt: string | null = null;
  /** The invariant that is being asked. */
  #asking: string | null = null;
  #notes: Notes | null = null;

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
      this.#starts.beginAgain();
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
    this.#starts = new StartPlan(this.machine, scenario, containers);
    this.#starts.begin();
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

  /** How many processes each entry of the scenario's `start` has begun, in its order. */
  get started(): readonly number[] {
    return this.#starts.started;
  }

  /** Demanded processes that are there and never get to run: only shrinking asks for that. */
  get idle(): readonly string[] {
    return this.#starts.idle;
  }

  /** Whether they were merely slow, within what the scenario allows. */
  get idleIsSlow(): boolean {
    return this.#starts.idleIsSlow;
  }

  /** Processes of optional starts that this run does without. */
  get leftOut(): readonly string[] {
    return this.#starts.leftOut;
  }

  /** By fault that may strike, how often it has. */
  strikes(): readonly (readonly [string, number])[] {
    return this.#nemesis?.strikesByFault() ?? [];
  }

  /** All that decides, with the choices to come, what can still happen, and what invariants look at. */
  digest(digest: StateHasher, historyOf: HistoryOf): void {
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
    const restoreStarts = this.#starts.save();
    const restoreMachine = machine.save();
    const restoreNemesis = this.#nemesis?.save();
    const saved = this.#saveWorld();
    return () => {
      restoreMachine();
      restoreNemesis?.();
      this.failure = failure;
      restoreStarts();
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
