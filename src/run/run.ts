/**
 * One run of a scenario: a pure function of the scenario and the choices of a schedule. For example:
 *
 *   const run = new Run(scenario, new ReplayedChoices(schedule), { trace: [] });
 *   const failure = await executeOne(run); // null, or { invariant: 'at most one owner', message: '…' }
 *
 * A step gives one process the result of its operation, or lets a fault strike; then the microtasks of the programs are drained,
 * and `settled` checks every `always`. When no step is left, `finish` checks every `eventually`.
 */
import type { Operation } from '../ports/index.ts';
import { nameAndMessageOf } from '../ports/message-of.ts';
import { needObservation } from '../scenario/observed/judged-from-outside.ts';
import { ownersIn } from '../scenario/observed/owner-spec.ts';
import type { Scenario } from '../scenario/options.ts';
import { busyUntilMsOf } from '../scenario/run-bounds.ts';
import { placeOfError, shortPlace } from '../scenario/source-location.ts';
import { World } from '../scenario/world.ts';
import {
  type Choices,
  type HistoryOf,
  PlannedNemesis,
  type Restore,
  SimMachine,
  type StateVisitor,
} from '../sim/index.ts';
import { BUILT_IN, type Failure } from './failure.ts';
import { InvariantChecker } from './invariant-checker.ts';
import { describeMissingFolders } from './missing-folders.ts';
import { Notes } from './notes.ts';
import { Observer, type RunListener } from './observer.ts';
import { NOTHING_MORE, OperationTrace, type ShownOnly } from './operation-trace.ts';
import { Planned } from './planned.ts';
import { partsOf } from './run-parts.ts';
import { StartPlan } from './start-plan.ts';
import type { TraceEvent } from './trace.ts';

/** The instance of a guest that was given up before a synchronous call goes on for ever. */
const UNWINDS_NEVER =
  ': others were to go on before a synchronous call, and the program catches every exception in a loop, so that it cannot be interrupted there. This is a limit of the simulation, not a fault of the program: let the loop end at errors that it does not know';

const { happeningsOf } = World;

export interface RunOptions {
  /** Collects the events of the run. Costs about as much time as the run itself. */
  trace?: TraceEvent[];
  listener?: RunListener;
  /** Collects {@link Run.notes}. Default: true with a trace, otherwise false. */
  notes?: boolean;
}

/** One run of a scenario: a pure function of the scenario and the choices. */
export class Run {
  readonly scenario: Scenario;
  readonly machine: SimMachine;
  world: Observer;
  failure: Failure | null = null;
  /** Whether its programs continue in microtasks, which are drained after each step. */
  readonly drains: boolean = true;
  readonly #starts: StartPlan;
  readonly #invariants: InvariantChecker;
  readonly #nemesis: PlannedNemesis | null;
  #saved: { readonly world: Observer; readonly events: number; readonly copy: Observer } | null = null;
  #abandoned = false;
  #reachedAt: string | null = null;
  #notes: Notes | null = null;

  constructor(
    scenario: Scenario,
    choices: Choices,
    { trace, listener, notes = trace !== undefined }: RunOptions = {},
  ) {
    this.scenario = scenario;
    const { faults, faultsForMs, settleMs, owner } = scenario;
    const { containers, options } = partsOf(scenario);
    this.#invariants = new InvariantChecker(scenario);
    const world = new Observer(trace, listener);
    this.world = world;
    const { invariants } = scenario;
    if (owner !== undefined || needObservation(invariants)) {
      const times = { faultsForMs, endsAtMs: faultsForMs + settleMs };
      World.observe(world, owner === undefined ? null : (seen) => ownersIn(owner, seen), times);
    }
    const operations =
      trace &&
      new OperationTrace(
        trace,
        () => this.world.at(),
        (operation) => this.shownOf(operation),
      );
    this.machine = new SimMachine(choices, scenario.programs, world, options, operations?.seam);
    if (operations !== undefined) this.machine.onEffect = operations.onEffect;
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
    this.machine.busyTime.untilUs = busyUntilMsOf(scenario) * 1000;
    const settle = (): void => {
      this.machine.phase = 'settle';
      this.#nemesis?.heal();
    };
    this.machine.timers.set(faultsForMs * 1000, new Planned('settle', settle));
    this.#starts = new StartPlan(this.machine, scenario, containers);
    this.#starts.begin();
  }

  /** What an author should know although it is not a violation: see {@link Notes}. */
  get notes(): ReadonlyMap<string, string> {
    return this.#notes?.all ?? new Map();
  }

  get faults(): number {
    return this.#nemesis?.strikes ?? 0;
  }

  /** How often the fault with this choice number may still strike. */
  faultsLeft(choice: number): number {
    return this.#nemesis?.leftOf(choice) ?? 0;
  }

  /** How many processes each entry of `start` has started, in order. */
  get started(): readonly number[] {
    return this.#starts.started;
  }

  /** Required processes that exist but are never scheduled. Only shrinking makes use of this. */
  get idle(): readonly string[] {
    return this.#starts.idle;
  }

  /** Whether the scenario allows processes to be as slow as the idle ones. */
  get idleIsSlow(): boolean {
    return this.#starts.idleIsSlow;
  }

  /** Processes of optional starts that this run does not have. */
  get leftOut(): readonly string[] {
    return this.#starts.leftOut;
  }

  /** For each fault that may strike, how often it has struck. */
  strikes(): readonly (readonly [string, number])[] {
    return this.#nemesis?.strikesByFault() ?? [];
  }

  /** All that decides, with the choices to come, what can still happen, and what invariants look at. */
  visit(into: StateVisitor, historyOf: HistoryOf): void {
    this.machine.visit(into, historyOf);
    this.#nemesis?.visit(into);
    this.world.visit(into);
  }

  /**
   * Call it between two steps, or before the first effect of a step. After restoring, the run has another {@link World}, so do not
   * keep references into the old one. The state of programs is not restored.
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
      this.#saved = { world: this.world, events: happeningsOf(this.world).events, copy: saved };
      machine.observer = this.world;
    };
  }

  /** A copy of the current world; the same copy as long as nothing happens. */
  #saveWorld(): Observer {
    const { world } = this;
    const { invariantState } = world;
    const { events } = happeningsOf(world);
    if (this.#saved?.world !== world || this.#saved.events !== events || invariantState.size > 0)
      this.#saved = { world, events, copy: world.copy() };
    return this.#saved.copy;
  }

  /** Makes one step; the caller then drains the microtasks and calls {@link settled}. `false` if the run is over. */
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
    World.look(world);
    this.#check('everyStep');
    const happenings = happeningsOf(world);
    if (!happenings.changed) return;
    happenings.changed = false;
    if (world.crashed !== null && this.scenario.crashes === 'forbidden') {
      const { name, crash } = world.crashed;
      const [hint] = describeMissingFolders(world.missingFolders.behind(crash));
      const message = `${name}: ${nameAndMessageOf(crash)}${hint === undefined ? '' : ` (${hint})`}`;
      this.#fail(BUILT_IN.crash, message, placeOfError(crash));
    }
    this.#check('onChange');
  }

  /** Checks what must be true at the end, when the system has settled. */
  finish(): Failure | null {
    if (this.failure !== null || this.#abandoned) return this.failure;
    this.#check('atEnd');
    return this.failure;
  }

  /** Ends the run early, because the rest is irrelevant. Keeps a failure. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** A program or an invariant did not return within one step and was interrupted. */
  overran(timeoutMs: number): Failure {
    const { asking } = this.#invariants;
    if (asking !== null) {
      const message = `the invariant ${JSON.stringify(asking)} did not return for ${timeoutMs} ms of real time`;
      this.#fail(BUILT_IN['hung-invariant'], message);
      return this.failure!;
    }
    const { current } = this.machine;
    const name = current?.name ?? 'a program';
    const why = current !== null && current.preempted !== null ? UNWINDS_NEVER : '';
    this.#fail(BUILT_IN['never-yields'], `${name} did not yield for ${timeoutMs} ms of real time${why}`);
    return this.failure!;
  }

  /** A program bypassed its ports and reached the real machine. */
  reached(what: string, where: string, instead: string): void {
    const process = this.machine.current;
    if (this.machine.halt !== null) return;
    this.#reachedAt = shortPlace(where);
    this.machine.halt = {
      reason: 'ambient',
      process,
      message: `${process?.name ?? 'a program'} reached ${what}, which belongs to the real machine (${instead})`,
    };
  }

  /** A program read an environment variable that only the real machine has. */
  missed(variable: string): void {
    this.#notes?.missed(this.machine.current, variable);
  }

  /** Where in user code an operation was requested; `null` if unknown, or not recorded. */
  protected placeOf(_operation: Operation): string | null {
    return null;
  }

  /** What the event of an operation has in addition, in a run that is shown. */
  protected shownOf(operation: Operation): ShownOnly {
    const at = this.placeOf(operation);
    return at === null ? NOTHING_MORE : { at };
  }

  #check(when: 'everyStep' | 'onChange' | 'atEnd'): void {
    const violated = this.#invariants.check(when, this.world);
    if (violated !== null) this.#fail(violated.invariant, violated.message, violated.at);
  }

  #fail(invariant: string, message: string, at: string | null = null): void {
    this.failure ??=
      at === null ? { invariant, message } : { invariant, message: `${message}, at ${at}`, at };
  }
}
