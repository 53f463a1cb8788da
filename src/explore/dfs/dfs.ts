/**
 * A depth-first search of all runs of a scenario, with state matching: a state that was reached before is not explored again
 * (stateful search, as in SPIN and stateright). Each state on the way has a {@link Frame}, and keeps what it takes to go back to it.
 *
 * For example, of two processes that each write a file, the search lets `a` write, then `b`; goes back to the state before,
 * and would let `b` write first. It need not where the first order already shows that neither can tell the difference.
 */
import type { CoverageCounter } from '../../run/index.ts';
import { type Cell, processCell } from '../../sim/index.ts';
import { AccessTable } from '../reduction/accesses.ts';
import { NO_CELLS } from '../reduction/cell-sets.ts';
import { Composer } from '../reduction/compose.ts';
import { PersistentSet } from '../reduction/persistent-set.ts';
import { NOTHING, type Summary, SummaryTable, UNFINISHED } from '../reduction/summary.ts';
import { type Decision, nextInner, operation } from './decision.ts';
import { DfsRun, type ExecutedStep, type RunContext, type Steering } from './dfs-run.ts';
import { Frame, type FrameContext } from './frame.ts';
import { RunProbe } from './run-probe.ts';
import { stateOf } from './state-of.ts';
import { ABSENT, StateTable } from './state-table.ts';
import { StepChoices, type TakenChoice } from './step-choices.ts';
import type { Explored, Transition } from './transition.ts';
import { TransitionReader } from './transition-reader.ts';

export interface DfsOptions {
  /** A state that was reached before is not explored again. */
  readonly matches: boolean;
  /** Orders of operations that make no difference are left out. Needs `matches` and a log of accesses. */
  readonly reduces: boolean;
  readonly maxPreemptions: number;
  /** Called where a run begins. */
  readonly onBegin?: (run: DfsRun) => void;
  /**
   * Called for each step; `depth`: how many the run has made before it; `choices`: all that were made for it, and before the first step
   * those of the beginning.
   */
  readonly onTransition?: (
    depth: number,
    transition: Transition,
    run: DfsRun,
    choices: readonly TakenChoice[],
  ) => void;
}

/** How a run has ended. `missed`: with a fault that found nothing to strike. */
export type RunEnd = 'finished' | 'known state' | 'violated' | 'missed';

export class Dfs implements Steering {
  readonly states = new StateTable();
  /** How many steps led from one state to another, or to the end of a run. */
  transitions = 0;
  /** How the last run ended. */
  end: RunEnd = 'finished';
  /** Nothing is left to explore. */
  isComplete = false;
  /** It is at work. Still so afterwards: it was interrupted, on a machine that is busy for seconds, and cannot go on from there. */
  isAtWork = false;
  readonly #context: RunContext;
  readonly #options: DfsOptions;
  readonly #coverage: CoverageCounter;
  readonly #table = new AccessTable();
  readonly #summaries = new SummaryTable();
  readonly #composer: Composer | null;
  readonly #frameContext: FrameContext;
  readonly #frames: Frame[] = [];
  /** The choices before the first step. */
  #initial: readonly number[] | null = [];
  #run: DfsRun | null = null;
  /** What the next step is, if it was decided when the run went back. */
  #decided: Decision | null = null;
  /** Where programs are executed: how many decisions of the way lead back to the state to go on from. */
  #replayed = 0;
  #isReplaying = false;
  /** The run has come to a known state, or to its end. */
  #isAtEnd = false;
  /** The choices before the first step of the run. */
  #begunWith: readonly number[] = [];
  /** All choices before the first step of the run, if they are wanted. */
  #begunTaken: readonly TakenChoice[] = [];
  /** The last transition; `null` before the first. */
  #last: { readonly decision: Decision; readonly transition: Transition } | null = null;
  /** What was explored last, for the frame that it was of. */
  #explored: Explored | null = null;
  readonly #reader: TransitionReader;

  constructor(context: RunContext, options: DfsOptions, coverage: CoverageCounter) {
    this.#context = context;
    this.#options = options;
    this.#coverage = coverage;
    const { cells, memo } = context;
    const { reduces, maxPreemptions } = options;
    const stateOf = (process: number): Cell => processCell(cells, process, 'state');
    const localOf = (process: number): Cell => processCell(cells, process, 'local');
    this.#reader = new TransitionReader(context, reduces ? this.#table : null);
    this.#composer = reduces ? new Composer(this.#table, stateOf) : null;
    // Runs whose programs are executed cannot go back to look.
    const probe = memo === null ? null : new RunProbe(() => this.#run!, this.#reader);
    this.#frameContext = {
      persistentSet: reduces ? new PersistentSet(this.#table, { stateOf, localOf }, probe) : null,
      composer: this.#composer,
      maxPreemptions,
      busyTime: this.#table.number({
        reads: this.#table.sets.of([cells.of('clock'), cells.of('timers')]),
        ...{ writes: NO_CELLS, counts: NO_CELLS },
      }),
    };
  }

  /** The run to go on with, back in the last state that has a transition left. `null`: there is none. */
  next(): DfsRun | null {
    return this.#work(() => this.#next());
  }

  #next(): DfsRun | null {
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) {
        if (this.#begin()) return this.#run;
        if (this.#initial !== null) continue;
        this.isComplete = true;
        return null;
      }
      const decision = frame.next(this.#explored);
      if (this.#run!.refusal !== null) return this.#run;
      this.#explored = null;
      if (decision !== null) return this.#goBackTo(frame, decision);
      this.#leave(frame);
    }
  }

  /** All decisions from the beginning to where the search is. */
  get path(): Path {
    const frames = this.#frames.slice(1).map(({ from }) => from!.decision);
    const last = this.#frames.at(-1)?.decision;
    return { initial: this.#begunWith, decisions: last ? [...frames, last] : frames };
  }

  decide(): Decision | null {
    return this.#work(() => this.#decide());
  }

  #decide(): Decision | null {
    if (this.#isAtEnd) return null;
    if (this.#replayed < this.#frames.length - 1) return this.#frames[++this.#replayed]!.from!.decision;
    this.#isReplaying = false;
    const decided = this.#decided ?? this.#frames.at(-1)!.next(null);
    this.#decided = null;
    return decided;
  }

  stepped(step: ExecutedStep): void {
    this.#work(() => this.#stepped(step));
  }

  #stepped(step: ExecutedStep): void {
    if (this.#isReplaying) return;
    const run = this.#run!;
    const { decision, happened } = step;
    const transition = this.#reader.read(run, step);
    this.transitions++;
    this.#last = { decision, transition };
    if (transition.isMissed) {
      this.#arriveAt(NOTHING, 'missed');
      return;
    }
    const depth = this.#frames.length - 1;
    this.#options.onTransition?.(depth, transition, run, [
      ...(depth === 0 ? this.#begunTaken : []),
      ...(run.choices.taken ?? []),
    ]);
    if (happened && run.failure === null) this.#reach(run);
  }

  /** At the end of a run nothing happens below but what invariants read. */
  finished(): void {
    const { log } = this.#context;
    const below = this.#composer?.leaf(this.#table.sets.of(log!.reads)) ?? null;
    this.#arriveAt(below, this.#run!.failure === null ? 'finished' : 'violated');
  }

  #work<T>(work: () => T): T {
    this.isAtWork = true;
    try {
      return work();
    } finally {
      // Not executed when a watchdog interrupts.
      this.isAtWork = false;
    }
  }

  /** A run from its beginning. False: its first state is known. */
  #begin(): boolean {
    if (this.#initial === null) return false;
    this.#begunWith = this.#initial;
    this.#run = this.#create();
    this.#initial = nextInner(this.#run.choices.inner);
    this.#options.onBegin?.(this.#run);
    this.#isReplaying = false;
    this.#last = null;
    if (this.#run.failure === null) this.#reach(this.#run);
    return !this.#isAtEnd;
  }

  #create(): DfsRun {
    const choices = new StepChoices();
    if (this.#options.onTransition !== undefined) choices.taken = [];
    choices.begin(operation(0, this.#begunWith));
    const run = new DfsRun(this.#context, choices);
    run.steering = this;
    run.coverage = this.#coverage;
    this.#begunTaken = choices.taken ?? [];
    this.#isAtEnd = false;
    this.#replayed = 0;
    return run;
  }

  #goBackTo(frame: Frame, decision: Decision): DfsRun {
    const { restore } = frame.state;
    this.#decided = decision;
    if (restore === null) {
      this.#run = this.#create();
      this.#isReplaying = true;
    } else {
      restore();
      this.#isAtEnd = false;
      this.#replayed = this.#frames.length - 1;
    }
    return this.#run!;
  }

  #reach(run: DfsRun): void {
    const isBounded = this.#options.maxPreemptions < Number.POSITIVE_INFINITY;
    const state = stateOf(run, this.#preemptions(), isBounded);
    const { matches } = this.#options;
    const known = matches ? this.states.get(state.fingerprint) : ABSENT;
    if (known !== ABSENT) {
      this.#arriveAt(this.#summaries.get(known), 'known state');
      return;
    }
    if (matches) this.states.set(state.fingerprint, UNFINISHED);
    this.#frames.push(new Frame(state, this.#last, this.#frameContext));
    this.#replayed = this.#frames.length - 1;
  }

  #arriveAt(below: Summary | null, end: RunEnd): void {
    this.#isAtEnd = true;
    this.end = end;
    this.#explored = this.#last && { ...this.#last, below };
  }

  #leave({ state, from, summary }: Frame): void {
    this.#frames.pop();
    if (this.#options.matches && summary !== null)
      this.states.set(state.fingerprint, this.#summaries.number(summary));
    this.#explored = from && { ...from, below: summary };
  }

  /** How often another process went on so far although the last could. */
  #preemptions(): number {
    const before = this.#frames.at(-1)?.state;
    if (before === undefined || this.#last === null) return 0;
    const { kind, process } = this.#last.transition;
    const isPreemption = kind === 'operation' && before.last !== null && process !== before.last;
    return before.preemptions + (isPreemption ? 1 : 0);
  }
}

/** The way to a state, or to the end of a run. */
export interface Path {
  /** The choices before the first step. */
  readonly initial: readonly number[];
  readonly decisions: readonly Decision[];
}
