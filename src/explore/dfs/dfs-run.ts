/** A run that a depth-first search steers step by step, and that can go back to states where it has been. */
import type { Operation } from '../../ports/index.ts';
import { type CoverageCounter, type Failure, Run } from '../../run/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import {
  type AccessLog,
  type CellTable,
  FAULTS,
  type Fingerprint,
  logAccesses,
  type Restore,
  type SimProcess,
  StateHasher,
  StateParts,
  type StateVisitor,
  type StringInterner,
} from '../../sim/index.ts';
import { NotMemoizable } from '../memo/detached-program.ts';
import { ObservedHistories } from '../memo/history-fingerprint.ts';
import type { MemoTable } from '../memo/memo-table.ts';
import { MemoizedProcesses } from '../memo/memoized-processes.ts';
import type { Decision } from './decision.ts';
import type { StepChoices } from './step-choices.ts';

/** What all runs of a search share. */
export interface RunContext {
  readonly scenario: Scenario;
  readonly texts: StringInterner;
  readonly cells: CellTable;
  /** What programs do, remembered; `null`: they are executed again in each run. */
  readonly memo: MemoTable | null;
  /** Where the accesses of each step are logged; `null`: they are not. */
  readonly log: AccessLog | null;
  /** How many faults may strike in one run, of all kinds together. */
  readonly maxFaults: number;
  /** Called where a run comes to its end. What it reads counts as read by the run. */
  readonly onEnd: (run: Run) => void;
}

/** What the last step of a run was. */
export interface ExecutedStep {
  readonly decision: Decision;
  /** False: nothing more could happen; of a fault that it found nothing to strike. */
  readonly happened: boolean;
}

/** Steers a run. */
export interface Steering {
  /** What the next step is; `null`: the run ends here. */
  decide(): Decision | null;
  stepped(step: ExecutedStep): void;
  /** The run has come to its end, and its invariants were checked. */
  finished(): void;
}

export class DfsRun extends Run {
  override readonly drains: boolean;
  readonly choices: StepChoices;
  /** Set once the first state has been reached. */
  steering!: Steering;
  /** Counts what the run has observed when it comes to its end. */
  coverage: CoverageCounter | null = null;
  /** Why what programs do cannot be remembered. */
  refusal: NotMemoizable | null = null;
  /** The process that the fault of the last step has ended or stopped; -1: none. */
  halted = -1;
  /** The operation of the last step; `null`: it was none. */
  performed: Operation | null = null;
  /** The fault that was chosen for the last step, counted from 1; 0: none. */
  faultNumber = 0;
  #steps = 0;
  readonly #context: RunContext;
  readonly #memoized: MemoizedProcesses | null;
  readonly #histories: ObservedHistories | null;
  #decision: Decision | null = null;
  /** It has been stopped before its end. */
  #isCut = false;

  constructor(context: RunContext, choices: StepChoices) {
    const { scenario, memo, texts, maxFaults } = context;
    const memoized = memo && new MemoizedProcesses(memo, scenario.programs);
    // Nothing strikes before there is an object to tell.
    let halts = (_: number): void => {};
    super(memoized === null ? scenario : { ...scenario, programs: memoized.programs }, choices, {
      listener: { struck: ({ fault, process }) => halts((FAULTS[fault].halts && process?.index) ?? -1) },
    });
    halts = (process) => {
      this.halted = process;
    };
    this.drains = memoized === null;
    this.choices = choices;
    this.#context = context;
    this.#memoized = memoized;
    this.#histories = memoized === null ? new ObservedHistories(texts) : null;
    this.machine.onResult = (parked, result) => (this.#memoized ?? this.#histories)!.learned(parked, result);
    choices.mayStrike = () => this.faults < maxFaults;
    // That processes were started is nothing that a step has done.
    super.settled();
  }

  override step(): boolean {
    if (this.#isCut || this.failure !== null) return false;
    const decision = this.steering.decide();
    if (decision === null) {
      this.#isCut = true;
      return false;
    }
    this.#steps++;
    if (this.#begin(decision)) return true;
    // A fault that finds nothing to strike is not the end of the run.
    if (decision.fault > 0) this.#isCut = true;
    this.#end(decision, false);
    return false;
  }

  override settled(): void {
    const decision = this.#decision;
    this.#settle();
    if (decision !== null) this.#end(decision, true);
  }

  /** What must be true in the end is judged where runs end, not where they come to a state that is known. */
  override finish(): Failure | null {
    if (this.#isCut) {
      this.coverage?.add(this);
      return this.failure;
    }
    logAccesses(this.#context.log);
    try {
      super.finish();
      this.coverage?.add(this);
      this.#context.onEnd(this);
    } finally {
      logAccesses(null);
    }
    this.steering.finished();
    return this.failure;
  }

  /** Executes a step at once, only to look. For programs that are remembered: they need no microtasks. */
  execute(decision: Decision): ExecutedStep {
    const happened = this.#begin(decision);
    if (happened) this.#settle();
    logAccesses(null);
    this.#decision = null;
    return { decision, happened };
  }

  /** Goes back: see {@link Run.save}. `null` where programs are executed. */
  saveAll(): Restore | null {
    if (this.#memoized === null) return null;
    const restoreRun = this.#saveRun();
    const restoreProcesses = this.#memoized.save();
    return () => {
      restoreRun();
      restoreProcesses();
      this.#isCut = false;
    };
  }

  refuse(refusal: NotMemoizable): void {
    this.refusal = refusal;
    this.#isCut = true;
  }

  /** How many steps it has made since this was asked last. */
  takeSteps(): number {
    const steps = this.#steps;
    this.#steps = 0;
    return steps;
  }

  /** By its number; `undefined`: there is none. */
  processOf(number: number): SimProcess | undefined {
    return this.machine.table.all().find(({ index }) => index === number);
  }

  /** @param more what distinguishes states of the search besides the run's own */
  fingerprint(more: readonly number[] = []): Fingerprint {
    const { texts, cells } = this.#context;
    const hasher = new StateHasher(texts, cells);
    this.#visitAll(hasher);
    if (more.length > 0) {
      hasher.part(cells.of('search'));
      for (const number of more) hasher.number(number);
    }
    return hasher.name();
  }

  /** Of all but what programs have learned. */
  machineFingerprint(): Fingerprint {
    const hasher = new StateHasher(this.#context.texts, this.#context.cells);
    this.visit(hasher, () => null);
    return hasher.name();
  }

  parts(): StateParts {
    const parts = new StateParts(this.#context.cells);
    this.#visitAll(parts);
    return parts;
  }

  #visitAll(into: StateVisitor): void {
    const histories = (this.#memoized ?? this.#histories)!;
    this.visit(into, (process) => histories.nameOf(process));
  }

  /** @throws NotMemoizable if an invariant keeps what cannot be copied */
  #saveRun(): Restore {
    try {
      return this.save();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new NotMemoizable(error.message, true);
    }
  }

  #begin(decision: Decision): boolean {
    const { log } = this.#context;
    const { scheduler } = this.machine;
    this.faultNumber = decision.fault;
    const isOperation = decision.fault === 0 && !decision.busy && scheduler.count() > decision.candidate;
    this.performed = isOperation ? scheduler.candidate(decision.candidate).operation : null;
    this.choices.begin(decision);
    this.#decision = decision;
    this.halted = -1;
    log?.clear();
    logAccesses(log);
    return decision.fault > 0 ? this.machine.strikes() : super.step();
  }

  #settle(): void {
    try {
      this.#memoized?.applyResult(this.machine);
      super.settled();
      this.machine.fireDue();
    } catch (error) {
      if (!(error instanceof NotMemoizable)) throw error;
      this.refuse(error);
    }
  }

  #end(decision: Decision, happened: boolean): void {
    logAccesses(null);
    this.#decision = null;
    if (this.refusal !== null) return;
    try {
      this.steering.stepped({ decision, happened });
    } catch (error) {
      if (!(error instanceof NotMemoizable)) throw error;
      this.refuse(error);
    }
  }
}
