import { Run, type Scenario } from '../check/index.ts';
import {
  type Candidates,
  type Choices,
  type Concern,
  Digest,
  digestMachine,
  FAULT_NAMES,
  type FaultName,
  type FaultPlan,
  isErrno,
  type ParkedOperation,
  type SimProcess,
  type Texts,
} from '../sim/index.ts';
import { type Independence, type Independent, Witness } from './independent.ts';
import type { Path } from './path.ts';
import type { StateSet } from './state-set.ts';
import { type ScheduleTree, wordsOf } from './tree.ts';

/** What a search of all schedules keeps from run to run. */
export interface Search {
  readonly path: Path;
  readonly states: StateSet;
  /** Null: every order of operations is tried, and no state is taken for one that was seen. */
  readonly reduction: Independent | null;
  readonly texts: Texts;
  /** How often another process than the last may be let go on although the last could. */
  readonly preemptions: number;
  /** Identical processes that have done nothing yet begin in the order of their numbers. */
  readonly symmetry: boolean;
  /** Null: nobody wants to see it. */
  readonly tree: ScheduleTree | null;
}

/** The choices of one run of a search: those of the path, then new ones. */
class PathChoices implements Choices {
  run!: ExploredRun;
  readonly #search: Search;
  /** Where in the path the step under way began. */
  stepBegan = 0;
  /** The step under way is one that a reduction has decided. */
  reduced = false;
  preemptions = 0;

  constructor(search: Search) {
    this.#search = search;
  }

  choose(n: number, concern: Concern, candidates?: Candidates): number {
    // How many take part is one of the bounds.
    if (concern === 'absent') return 0;
    const { path } = this.#search;
    const choice = path.isNew ? this.#decide(n, concern) : this.#again(n);
    this.#search.tree?.decided(path.length - 1, choice, () => wordsOf(this.run, concern, choice, candidates));
    if (path.isReduced) this.reduced = true;
    if (isSchedule(concern) && this.#isPreemption(choice, candidates!)) this.preemptions++;
    return choice;
  }

  #again(n: number): number {
    const { path } = this.#search;
    const choice = path.again(n);
    // From here on the run is new: what was learned until now was kept when it was made for the first time.
    if (path.isNew) this.run.recall(path.memo);
    return choice;
  }

  #decide(n: number, concern: Concern): number {
    const { path } = this.#search;
    if (concern === 'target' || concern === 'machine') return path.decide(upTo(n), null, this.run.remember());
    const who = this.#schedulable();
    const silent = who.find((i) => this.#independence(i) === 'silent');
    if (isSchedule(concern)) {
      return this.#decideFor(who, silent ?? who.find((i) => this.#independence(i) === 'private'));
    }
    // Whether a fault strikes first, or time passes: not before an operation that it makes no difference to.
    return this.#decideFor(upTo(n), silent === undefined ? undefined : 0);
  }

  #decideFor(options: number[], only: number | undefined): number {
    const { path } = this.#search;
    const memo = this.run.remember();
    if (only === undefined) return path.decide(options, null, memo);
    return path.decide(
      [only],
      options.filter((option) => option !== only),
      memo,
    );
  }

  /** Who may go on within the bounds. */
  #schedulable(): number[] {
    const { preemptions, symmetry } = this.#search;
    const { scheduler } = this.run.machine;
    const all = upTo(scheduler.count());
    if (this.preemptions >= preemptions) {
      return all.filter((i) => !this.#isPreemption(i, scheduler));
    }
    return symmetry ? all.filter((i) => this.run.isFirstOfItsKind(scheduler.candidate(i).process)) : all;
  }

  #independence(i: number): Independence {
    const { reduction, preemptions } = this.#search;
    const { machine } = this.run;
    if (reduction === null) return null;
    // Within a bound on preemptions it would cost one.
    if (Number.isFinite(preemptions) && this.#isPreemption(i, machine.scheduler)) return null;
    return reduction.of(machine, machine.scheduler.candidate(i));
  }

  #isPreemption(choice: number, candidates: Candidates): boolean {
    const { last } = this.run.machine.scheduler;
    return canGoOn(last) && candidates.processOf(choice) !== last.index;
  }
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

function canGoOn(process: SimProcess | null): process is SimProcess {
  return process !== null && process.state === 'running' && process.runnable.length > 0;
}

/** A run that ends where a run before it has been. */
export class ExploredRun extends Run {
  readonly #search: Search;
  readonly #choices: PathChoices;
  /** Of each process, by its number. */
  readonly #histories: Digest[] = [];
  /** Processes that have done something that others can see. */
  readonly #seen = new Set<SimProcess>();
  pruned = false;
  readonly witness: Witness | null;
  /** How many steps of the run were none of the run before. */
  edges = 0;
  /** In the order in which a choice numbers them. */
  readonly faultNames: readonly string[];
  #decided = 0;

  constructor(scenario: Scenario, search: Search) {
    const choices = new PathChoices(search);
    super(scenario, choices);
    this.#search = search;
    this.faultNames = FAULT_NAMES.filter((name) => isPlanned(scenario.faults[name]));
    this.#choices = choices;
    choices.run = this;
    this.witness = search.reduction && new Witness(this.machine, search.reduction.assumptions);
    this.machine.onResult = (parked, result) => this.#learned(parked, result);
    // That processes were started is nothing that a step has done.
    super.settled();
  }

  override step(): boolean {
    if (this.pruned) return false;
    const choices = this.#choices;
    choices.stepBegan = this.#search.path.length;
    choices.reduced = false;
    return super.step();
  }

  override settled(): void {
    const { path, states, reduction } = this.#search;
    const choices = this.#choices;
    const { current } = this.machine;
    const quiet = choices.reduced && !this.world.changed && !this.#waits(current);
    if (choices.reduced && !quiet) path.release(choices.stepBegan);
    if (current !== null && !quiet) this.#seen.add(current);
    super.settled();
    if (this.witness?.contradicted) {
      this.pruned = true;
      return;
    }
    if (!path.isNew) return;
    this.edges++;
    // Only where something is decided can the way part.
    if (reduction === null || path.length === this.#decided || this.failure !== null) return;
    this.#decided = path.length;
    const { a, b } = this.#digest();
    if (!states.add(a, b)) this.pruned = true;
  }

  /** What must be true in the end is judged where runs end, not where they join another. */
  override finish(): ReturnType<Run['finish']> {
    return this.pruned ? this.failure : super.finish();
  }

  /** Whether no other process of the same kind comes before it that has not been seen to do anything either. */
  isFirstOfItsKind(process: SimProcess): boolean {
    if (this.#seen.has(process) || process.parent !== null) return true;
    const kind = kindOf(process);
    for (const other of this.machine.scheduler.active) {
      if (other === process) return true;
      if (other.state !== 'running' || other.parent !== null || this.#seen.has(other)) continue;
      if (other.runnable.length > 0 && kindOf(other) === kind) return false;
    }
    return true;
  }

  /** The names of all histories. */
  remember(): unknown {
    const names = new Int32Array(2 * this.#histories.length);
    for (const [index, history] of this.#histories.entries()) {
      names[2 * index] = history?.a ?? 0;
      names[2 * index + 1] = history?.b ?? 0;
    }
    return names;
  }

  recall(memo: unknown): void {
    const names = memo as Int32Array;
    for (let index = 0; 2 * index < names.length; index++) {
      this.#historyOf(index).become(names[2 * index]!, names[2 * index + 1]!);
    }
  }

  #historyOf(index: number): Digest {
    for (let i = this.#histories.length; i <= index; i++)
      this.#histories.push(new Digest(this.#search.texts));
    return this.#histories[index]!;
  }

  #learned(parked: ParkedOperation, result: unknown): void {
    const { process, ordinal } = parked;
    if (!isErrno(result)) this.witness?.saw(parked, result);
    const { path, reduction } = this.#search;
    if (reduction === null || !path.isNew) return;
    const history = this.#historyOf(process.index);
    history.number(ordinal);
    history.data(isErrno(result) ? result.code : result);
  }

  /** Whether a process has come to wait in its last step, or to an end. */
  #waits(process: SimProcess | null): boolean {
    if (process === null || !process.alive) return true;
    return process.waiting > 0 || (process.signals?.waiters.length ?? 0) > 0;
  }

  #digest(): Digest {
    const digest = new Digest(this.#search.texts);
    digestMachine(this.machine, digest, ({ index }) => this.#histories[index] ?? null);
    this.world.digest(digest);
    if (Number.isFinite(this.#search.preemptions)) {
      digest.number(this.#choices.preemptions);
      digest.number(this.machine.scheduler.last?.index ?? -1);
    }
    return digest;
  }
}

function isPlanned(plan: FaultPlan[FaultName]): boolean {
  if (plan === undefined) return false;
  return typeof plan === 'number' ? plan > 0 : plan.max !== 0;
}

function kindOf({ command, uid, foreign, pidNamespace }: SimProcess): string {
  return JSON.stringify([command, uid, foreign, pidNamespace]);
}

function isSchedule(concern: Concern): boolean {
  return concern === 'schedule' || concern === 'settle';
}
