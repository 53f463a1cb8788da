/** A search of every schedule of one scenario: which run comes next, what is remembered, and when it has to begin anew. */

import type { FailingRun, SearchOptions, SearchResult } from '../check/index.ts';
import { canDrain, inMacrotask } from '../host/index.ts';
import { CoverageCounter, executeAll, executeOne, type Failure, RecordedChoices, Run } from '../run/index.ts';
import { contendersOf, type RunBounds, type Scenario, ScenarioError } from '../scenario/index.ts';
import { StringInterner } from '../sim/index.ts';
import { describe } from './assumptions.ts';
import { Exchange } from './exchange.ts';
import { ExploredRun, type Search } from './explored-run.ts';
import { Histories } from './histories.ts';
import { kindsOf, type Pair, pairsOf } from './identical.ts';
import { Independent } from './independent.ts';
import { Misuse } from './instance.ts';
import {
  DEFAULT_MAX_HISTORIES,
  DEFAULT_MAX_STATES,
  type ExploreBounds,
  type ExploreOptions,
} from './options.ts';
import { Path } from './path.ts';
import { PathReplay } from './path-replay.ts';
import { RealRun } from './real-run.ts';
import { StateSet } from './state-set.ts';

type OwnBounds = Omit<ExploreBounds, keyof RunBounds>;

/** `onProgress` is called once in so many executions. */
const PROGRESS_EVERY = 200;

export class Exploration {
  readonly states = new StateSet();
  executions = 0;
  edges = 0;
  complete = false;
  /** Why it is not. */
  why: string | null = null;
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #search: Search & { histories: Histories | null };
  readonly #maxHistories: number;
  readonly #coverage: CoverageCounter;
  #steps = 0;
  /** The longest sleep that a run has not waited for. */
  #run: ExploredRun | null = null;
  /** A run that is to be made for real, to see whether that comes to the same. */
  #doubtful: ExploredRun | null = null;
  /** A run that is being made again with two identical processes exchanged. */
  #exchange: Exchange | null = null;
  #pairs: readonly Pair[] = [];
  /** How many runs were compared with themselves, with two processes exchanged. */
  #exchanged = 0;
  #misuse: Misuse | null = null;
  #failed: { failure: Failure; execution: number } | null = null;

  constructor(scenario: Scenario, options: ExploreOptions) {
    const {
      preemptions = Number.POSITIVE_INFINITY,
      faults = Number.POSITIVE_INFINITY,
      reduce = true,
    } = options;
    const { remember = reduce, symmetry = reduce, episodes = true } = options;
    this.#scenario = scenario;
    this.#options = options;
    this.#maxHistories = options.maxHistories ?? DEFAULT_MAX_HISTORIES;
    const path = new Path();
    // What a power cut would leave is not part of a state's name: then no two are the same.
    const merges = reduce && scenario.faults['power-cut'] === undefined && scenario.machine.durable !== true;
    const texts = new StringInterner();
    this.#search = {
      path,
      states: this.states,
      texts,
      histories: remember && merges ? new Histories(texts, this.#maxHistories, episodes) : null,
      reduction: merges ? new Independent(scenario) : null,
      preemptions,
      faults,
      symmetry: symmetry ? { kinds: kindsOf(scenario), used: false } : null,
      tree: options.tree ?? null,
    };
    this.#pairs = pairsOf(this.#search.symmetry?.kinds ?? []);
    this.#coverage = new CoverageCounter(scenario);
  }

  /** What was taken as given, and no operation of any run has contradicted. */
  get assumed(): readonly string[] {
    const { reduction, symmetry, histories } = this.#search;
    const { inodes, readdirBatch } = this.#scenario.machine;
    return [
      ...(readdirBatch === Number.POSITIVE_INFINITY ? ['a directory is read in one step'] : []),
      ...(inodes === 'by-creator' ? ['no inode number is used again'] : []),
      ...(reduction === null ? [] : describe(reduction.assumptions)),
      ...(histories?.joined ? ['of an episode a program keeps no more than it says'] : []),
      ...(symmetry?.used ? [describeSymmetry(this.#exchanged)] : []),
    ];
  }

  get bounds(): OwnBounds {
    const { preemptions, faults } = this.#search;
    return {
      contenders: contendersOf(this.#scenario),
      faultsInAll: Number.isFinite(faults) ? faults : null,
      preemptions: Number.isFinite(preemptions) ? preemptions : null,
    };
  }

  get histories(): number {
    return this.#search.histories?.known ?? 0;
  }

  async search({ patienceMs }: SearchOptions): Promise<SearchResult> {
    const { budgetMs = Number.POSITIVE_INFINITY } = this.#options;
    const endsAt = performance.now() + budgetMs;
    // Programs are woken within a step, and must come to rest in it.
    if (!(await inMacrotask(canDrain))) this.#search.histories = null;
    const next = (): Run | null => {
      if (this.#failed !== null || this.#misuse !== null || this.complete) return null;
      return this.executions > 0 && this.#mustEnd(endsAt) ? null : this.#next();
    };
    let found: FailingRun | null;
    do {
      await executeAll(next, (run, failure) => this.#done(run, failure), patienceMs);
      if (this.#misuse !== null) throw new ScenarioError(`${this.#scenario.id}: ${this.#misuse.message}`);
      found = await this.#record();
    } while (found === null && !this.complete && this.why === null);
    return {
      runs: this.executions,
      steps: this.#steps,
      ...this.#coverage.counts,
      found,
    };
  }

  /** The run that differs from the last in the last decision that has an option left, or one to compare with the last. */
  #next(): Run {
    const { path, histories } = this.#search;
    const again = this.#exchange?.next();
    if (again) return again;
    if (this.#doubtful !== null)
      return new RealRun(this.#scenario, this.#search, this.#doubtful, histories!.episodes);
    path.restart();
    if (this.#run === null || !this.#run.goBack()) this.#run = new ExploredRun(this.#scenario, this.#search);
    return this.#run;
  }

  #mustEnd(endsAt: number): boolean {
    const {
      maxExecutions = Number.POSITIVE_INFINITY,
      maxStates = DEFAULT_MAX_STATES,
      signal,
    } = this.#options;
    if (signal?.aborted) this.why = 'interrupted';
    else if (this.executions >= maxExecutions)
      this.why = `no more than ${maxExecutions} executions were asked for`;
    else if (performance.now() > endsAt) this.why = `the time was up after ${this.states.size} states`;
    else if (this.states.isFull) this.why = `there is no memory for more than ${this.states.size} states`;
    else if (this.states.size >= maxStates) this.why = `no more than ${maxStates} states are kept`;
    return this.why !== null;
  }

  #done(run: Run, failure: Failure | null): void {
    if (run instanceof ExploredRun) this.#explored(run, failure);
    else if (!(run instanceof RealRun)) this.#compared();
    else if (run.agrees) this.#exchangeOrGoOn(this.#doubtful!);
    else this.#doubt();
  }

  #explored(run: ExploredRun, failure: Failure | null): void {
    if (run.unfit instanceof Misuse) {
      this.#misuse = run.unfit;
      return;
    }
    if (run.unfit !== null) {
      this.#doubt();
      return;
    }
    this.executions++;
    this.edges += run.edges;
    run.count(this.#coverage);
    if (run.witness?.contradicted && failure === null) {
      this.#beginAnew();
      return;
    }
    this.#options.tree?.ended(failure !== null ? 'violated' : run.pruned ? 'joins' : 'passed');
    this.#steps += run.made;
    if (!run.pruned) this.#options.onEnd?.(run);
    if (failure !== null) this.#failed = { failure, execution: this.executions };
    else if (this.#search.histories !== null && RealRun.isDue(this.executions)) this.#doubtful = run;
    else this.#exchangeOrGoOn(run);
    if (this.executions % PROGRESS_EVERY === 0) {
      const { executions, states } = this;
      this.#options.onProgress?.({ id: this.#scenario.id, executions, states: states.size });
    }
  }

  /** Whether it comes to the same with two identical processes exchanged is asked now and then. */
  #exchangeOrGoOn(run: ExploredRun): void {
    this.#doubtful = null;
    if (!this.#search.symmetry?.used || !Exchange.isDue(this.executions)) {
      this.#goOn();
      return;
    }
    const pair = this.#pairs[this.executions % this.#pairs.length]!;
    this.#exchange = new Exchange(this.#scenario, this.#search, run, pair);
  }

  /** One of the two runs of an exchange has been made. */
  #compared(): void {
    const exchange = this.#exchange!;
    if (!exchange.isOver) return;
    this.#exchange = null;
    if (exchange.agrees) {
      this.#exchanged++;
      // The run that was made again may have ended earlier.
      const { path } = this.#search;
      path.restart(path.size);
      this.#goOn();
    } else {
      this.#search.symmetry = null;
      this.#beginAnew();
    }
  }

  /** To the next path. */
  #goOn(): void {
    this.#doubtful = null;
    if (!this.#search.path.next()) this.complete = true;
  }

  /** An assumption was wrong: what was left out because of it was left out wrongly. */
  #beginAnew(): void {
    this.#run = null;
    this.#doubtful = null;
    this.#exchange = null;
    this.#search.path.clear();
    this.states.clear();
    this.#options.tree?.clear();
  }

  /**
   * What was remembered is not what programs do. Perhaps one keeps more of an episode than it says; else what they do cannot be
   * told from what they learn, and they are executed always.
   */
  #doubt(): void {
    const { histories, texts } = this.#search;
    this.#search.histories = histories?.joined ? new Histories(texts, this.#maxHistories, false) : null;
    this.#failed = null;
    this.#beginAnew();
  }

  /**
   * The choices of the run that failed: it is made once more, for real. Null: there is none, or it does not fail for real,
   * and the search has to begin anew.
   */
  async #record(): Promise<FailingRun | null> {
    if (this.#failed === null) return null;
    const { failure, execution } = this.#failed;
    const { path, histories, faults } = this.#search;
    path.restart();
    const choices = new PathReplay(path, faults);
    const recorded = new RecordedChoices(choices);
    const run = new Run(this.#scenario, recorded);
    choices.run = run;
    const again = await executeOne(run);
    if (histories !== null && again?.invariant !== failure.invariant) {
      this.#doubt();
      return null;
    }
    return { failure, schedule: recorded.schedule, run: execution };
  }
}

function describeSymmetry(compared: number): string {
  const executions = compared === 1 ? '1 execution' : `${compared} executions`;
  return `identical processes are told apart by nothing but their numbers (${executions} compared with two of them exchanged)`;
}
