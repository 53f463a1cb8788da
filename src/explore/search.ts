/** A search of every schedule of one scenario: what it shares between runs, and when it has to begin again. */
import type { FailingRun, SearchOptions, SearchResult } from '../check/index.ts';
import { canDrain, inMacrotask } from '../host/index.ts';
import { CoverageCounter, executeAll, executeOne, type Failure, type Run } from '../run/index.ts';
import { isByRealTime } from '../run/real-time.ts';
import { contendersOf, type RunBounds, type Scenario, ScenarioError } from '../scenario/index.ts';
import { AccessLog, CellTable, StringInterner } from '../sim/index.ts';
import { Dfs, type Path } from './dfs/dfs.ts';
import { DfsRun, type RunContext } from './dfs/dfs-run.ts';
import { ReplayRun } from './dfs/replay-run.ts';
import type { StateTable } from './dfs/state-table.ts';
import { wordsOf } from './machine-words.ts';
import { InvalidSummary, type NotMemoizable } from './memo/detached-program.ts';
import { SUMMARIES_ASSUMED } from './memo/memo-node.ts';
import { MemoTable } from './memo/memo-table.ts';
import {
  DEFAULT_MAX_HISTORIES,
  DEFAULT_MAX_STATES,
  type ExploreBounds,
  type ExploreOptions,
} from './options.ts';
import { labelOf } from './transition-label.ts';
import { ValidationRun } from './validate/validation-run.ts';

type OwnBounds = Omit<ExploreBounds, keyof RunBounds>;

/** `onProgress` is called once in so many executions. */
const PROGRESS_EVERY = 200;

/** After so many it is not the machine that is busy. */
const MOST_INTERRUPTED = 3;

/** What of a search is turned off once a run has shown that it cannot be had. */
interface Modes {
  /** Programs are remembered. */
  memo: boolean;
  /** Programs are assumed to keep of a summary no more than they say. */
  summaries: boolean;
  /** States are compared. */
  matches: boolean;
}

/** What does not hold on each filesystem, where numbers go by who has created a file. */
const INODES_ASSUMED: readonly string[] = [
  'no inode number is used again',
  'the order of inode numbers of files of different processes makes no difference',
];

export class Search {
  executions = 0;
  /** Why it is not complete; `null`: it is, or is not over. */
  why: string | null = null;
  readonly #scenario: Scenario;
  readonly #options: ExploreOptions;
  readonly #maxFaults: number;
  readonly #maxPreemptions: number;
  readonly #coverage: CoverageCounter;
  readonly #texts = new StringInterner();
  readonly #cells = new CellTable();
  readonly #modes: Modes;
  readonly #reduces: boolean;
  #memo: MemoTable | null = null;
  #dfs!: Dfs;
  /** How many prefixes of listings were known when the search began. */
  #knownPrefixes = 0;
  #steps = 0;
  /** How often a step was interrupted that is not when it is made again. */
  #interrupted = 0;
  /** Counted before the search last began again. */
  #transitionsBefore = 0;
  #validation: ValidationRun | null = null;
  #invalid: InvalidSummary | null = null;
  #failed: { failure: Failure; execution: number; path: Path } | null = null;

  constructor(scenario: Scenario, options: ExploreOptions) {
    const { reduce = true, remember = reduce, reduceOrders = reduce, episodes = true } = options;
    const { faults = Number.POSITIVE_INFINITY, preemptions = Number.POSITIVE_INFINITY } = options;
    this.#scenario = scenario;
    this.#options = options;
    this.#maxFaults = faults;
    this.#maxPreemptions = preemptions;
    // What a power cut would leave is not part of a state: then no two are the same.
    const matches = reduce && scenario.faults['power-cut'] === undefined && scenario.machine.durable !== true;
    this.#modes = { matches, memo: remember && matches, summaries: episodes };
    this.#reduces = reduceOrders;
    this.#coverage = new CoverageCounter(scenario);
    this.#begin();
  }

  get isComplete(): boolean {
    return this.#dfs.isComplete && this.#failed === null;
  }

  get states(): StateTable {
    return this.#dfs.states;
  }

  get transitions(): number {
    return this.#transitionsBefore + this.#dfs.transitions;
  }

  /** How many sequences of results programs have received; 0: they were not remembered. */
  get histories(): number {
    return this.#memo?.known ?? 0;
  }

  /** What was taken for granted. */
  get assumed(): readonly string[] {
    const { inodes, readdirBatch } = this.#scenario.machine;
    return [
      ...(readdirBatch === Number.POSITIVE_INFINITY ? ['a directory is read in one step'] : []),
      ...(inodes === 'by-creator' ? INODES_ASSUMED : []),
      ...(this.#memo?.merged ? [SUMMARIES_ASSUMED] : []),
    ];
  }

  get bounds(): OwnBounds {
    return {
      contenders: contendersOf(this.#scenario),
      faultsInAll: Number.isFinite(this.#maxFaults) ? this.#maxFaults : null,
      preemptions: Number.isFinite(this.#maxPreemptions) ? this.#maxPreemptions : null,
    };
  }

  /** @throws ScenarioError if a program's summary is not plain data */
  async search({ hangTimeoutMs }: SearchOptions): Promise<SearchResult> {
    const { budgetMs = Number.POSITIVE_INFINITY } = this.#options;
    const endsAt = performance.now() + budgetMs;
    // Remembered programs are woken within a step, and must come to rest in it.
    if (this.#modes.memo && !(await inMacrotask(canDrain))) this.#restart({ memo: false });
    let found: FailingRun | null;
    do {
      await executeAll(
        () => this.#next(endsAt),
        (run, failure) => this.#done(run, failure),
        hangTimeoutMs,
      );
      if (this.#invalid !== null) throw new ScenarioError(`${this.#scenario.id}: ${this.#invalid.message}`);
      found = await this.#record(hangTimeoutMs);
    } while (found === null && !this.#dfs.isComplete && this.why === null);
    return { runs: this.executions, steps: this.#steps, ...this.#coverage.counts, found };
  }

  #begin(): void {
    const { memo, matches, summaries } = this.#modes;
    const reduces = matches && this.#reduces;
    const maxHistories = this.#options.maxHistories ?? DEFAULT_MAX_HISTORIES;
    this.#memo = memo ? new MemoTable(this.#texts, maxHistories, summaries) : null;
    this.#knownPrefixes = this.#cells.prefixes.size;
    const context: RunContext = {
      scenario: this.#scenario,
      texts: this.#texts,
      cells: this.#cells,
      memo: this.#memo,
      log: reduces ? new AccessLog(this.#cells) : null,
      maxFaults: this.#maxFaults,
      onEnd: (run) => this.#options.onEnd?.(run),
    };
    const { tree } = this.#options;
    this.#dfs = new Dfs(
      context,
      {
        ...{ matches, reduces, maxPreemptions: this.#maxPreemptions },
        ...(tree && {
          onBegin: (run) => tree.begun(this.#scenario, wordsOf(run)),
          onTransition: (depth, transition, run, choices) =>
            tree.add(depth, () => ({
              ...{ label: labelOf(transition, run), choices },
              words: wordsOf(run),
            })),
        }),
      },
      this.#coverage,
    );
  }

  /** Something that the search relied on does not hold: what was left out because of it was left out wrongly. */
  #restart(modes: Partial<Modes>): void {
    Object.assign(this.#modes, modes);
    this.#transitionsBefore += this.#dfs.transitions;
    this.#validation = null;
    this.#failed = null;
    this.#options.tree?.clear();
    this.#begin();
  }

  #next(endsAt: number): Run | null {
    if (this.#failed !== null || this.#invalid !== null) return null;
    if (this.executions > 0 && this.#mustEnd(endsAt)) return null;
    if (this.#validation !== null) return this.#validation;
    if (this.#dfs.isAtWork) this.#restart({});
    if (this.#cells.prefixes.size > this.#knownPrefixes) this.#restart({});
    return this.#dfs.next();
  }

  #mustEnd(endsAt: number): boolean {
    const {
      maxExecutions = Number.POSITIVE_INFINITY,
      maxStates = DEFAULT_MAX_STATES,
      signal,
    } = this.#options;
    const { size, isFull } = this.states;
    if (signal?.aborted) this.why = 'interrupted';
    else if (this.executions >= maxExecutions)
      this.why = `no more than ${maxExecutions} executions were asked for`;
    else if (performance.now() > endsAt) this.why = `the time was up after ${size} states`;
    else if (isFull) this.why = `there is no memory for more than ${size} states`;
    else if (size >= maxStates) this.why = `no more than ${maxStates} states are kept`;
    return this.why !== null;
  }

  #done(run: Run, failure: Failure | null): void {
    if (run instanceof ValidationRun) {
      // What was interrupted, perhaps by a machine that was busy, says nothing about what was remembered.
      const isRepeated = isByRealTime(failure) && this.#interrupted++ < MOST_INTERRUPTED;
      this.#validation = isRepeated ? run.again() : null;
      if (!isRepeated && !run.agrees) this.#distrust();
    } else if (run instanceof DfsRun && !this.#dfs.isAtWork) this.#ended(run, failure);
  }

  #ended(run: DfsRun, failure: Failure | null): void {
    if (run.refusal !== null) {
      if (run.refusal instanceof InvalidSummary) this.#invalid = run.refusal;
      else this.#refused(run.refusal);
      return;
    }
    this.#steps += run.takeSteps();
    if (this.#dfs.end === 'missed') return;
    this.executions++;
    this.#options.tree?.ended(
      failure !== null ? 'violated' : this.#dfs.end === 'finished' ? 'passed' : 'joins',
    );
    if (failure !== null) {
      this.#failed = { failure, execution: this.executions, path: this.#dfs.path };
    } else if (this.#memo !== null && ValidationRun.isDue(this.executions)) {
      this.#validation = new ValidationRun(
        this.#scenario,
        {
          path: this.#dfs.path,
          fingerprint: run.machineFingerprint(),
          maxFaults: this.#maxFaults,
          summaries: this.#modes.summaries,
        },
        this.#texts,
        this.#cells,
      );
    }
    if (this.executions % PROGRESS_EVERY === 0) {
      const { executions, states } = this;
      this.#options.onProgress?.({ id: this.#scenario.id, executions, states: states.size });
    }
  }

  /** What was remembered is not what programs do. */
  #distrust(): void {
    // Perhaps one keeps more of a summary than it says; else what they do does not follow from the results that they get.
    if (this.#memo?.merged) this.#restart({ summaries: false });
    else this.#restart({ memo: false });
  }

  #refused(refusal: NotMemoizable): void {
    if (refusal.isOfInvariants) this.#restart({ memo: false, matches: false });
    else this.#distrust();
  }

  /**
   * The run that failed, made once more with programs that are executed. `null`: there is none, or it does not fail so, and the
   * search begins again.
   */
  async #record(hangTimeoutMs: number | undefined): Promise<FailingRun | null> {
    if (this.#failed === null) return null;
    const { failure, execution, path } = this.#failed;
    let run: ReplayRun;
    let again: Failure | null;
    do {
      run = new ReplayRun(this.#scenario, path, this.#maxFaults);
      again = await executeOne(run, hangTimeoutMs);
    } while (isByRealTime(again) && !isByRealTime(failure) && this.#interrupted++ < MOST_INTERRUPTED);
    if (this.#memo !== null && again?.invariant !== failure.invariant) {
      // A step that was interrupted by a machine that is busy for seconds says nothing about what was remembered.
      if (isByRealTime(failure) && this.#interrupted++ < MOST_INTERRUPTED) this.#restart({});
      else this.#distrust();
      return null;
    }
    return { failure, schedule: run.schedule, run: execution };
  }
}
