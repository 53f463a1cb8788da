import { type CoverageCounter, type Failure, Run } from '../run/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { plannedFaults } from '../scenario/index.ts';
import {
  type Fingerprint,
  type ParkedOperation,
  type Restore,
  type SimProcess,
  StateHasher,
  type StringInterner,
} from '../sim/index.ts';
import { Followers } from './followers.ts';
import type { Histories } from './histories.ts';
import type { Independent } from './independent.ts';
import { Unfit } from './instance.ts';
import type { Path } from './path.ts';
import { PathChoices } from './path-choices.ts';
import type { StateSet } from './state-set.ts';
import { Told } from './told.ts';
import type { ScheduleTree } from './tree.ts';
import { Witness } from './witness.ts';

/** What a search of all schedules keeps from run to run. */
export interface Search {
  readonly path: Path;
  readonly states: StateSet;
  /** Null: every order of operations is tried, and no state is taken for one that was seen. */
  readonly reduction: Independent | null;
  readonly texts: StringInterner;
  /** What programs do, remembered; null: they are executed again in each run. */
  readonly histories: Histories | null;
  /** How often another process than the last may be let go on although the last could. */
  readonly preemptions: number;
  /** How many faults may strike in one run, of all kinds together. */
  readonly faults: number;
  /** By the numbers of processes, which are identical: those that have done nothing yet begin in that order. Null: in any. */
  symmetry: Symmetry | null;
  /** Null: nobody wants to see it. */
  readonly tree: ScheduleTree | null;
}

export interface Symmetry {
  /** See {@link kindsOf}. */
  readonly kinds: readonly (string | null)[];
  /** An order was left out because of it. */
  used: boolean;
}

/** Where a run can go back to. */
interface Kept {
  /** How many decisions lead there. */
  readonly at: number;
  readonly restore: Restore;
}

/** A run that ends where a run before it has been; then it goes back and on in another way, if it can. */
export class ExploredRun extends Run {
  override readonly drains: boolean;
  readonly #search: Search;
  readonly #choices: PathChoices;
  readonly #followers: Followers | null;
  /** Null: the followers know. */
  readonly #told: Told | null;
  /** Processes that have done something that others can see. Replaced, not changed. */
  #seen: ReadonlySet<SimProcess> = new Set();
  readonly #kept: Kept[] = [];
  pruned = false;
  /** Why what programs do cannot be remembered. */
  unfit: Unfit | null = null;
  readonly witness: Witness | null;
  /** How many steps of the run were none of the run before. */
  edges = 0;
  /** How many steps it has made since it began, or has gone back. */
  made = 0;
  /** How many steps lead from the beginning to where it is. */
  depth = 0;
  /** In the order in which a choice numbers them. */
  readonly faultNames: readonly string[];
  #decided = 0;

  constructor(scenario: Scenario, search: Search) {
    const choices = new PathChoices(search);
    const { histories, reduction, texts } = search;
    const followers = histories && new Followers(histories, scenario.programs);
    super(followers === null ? scenario : { ...scenario, programs: followers.programs }, choices);
    this.drains = followers === null;
    this.#search = search;
    this.faultNames = plannedFaults(scenario);
    this.#choices = choices;
    choices.run = this;
    this.#followers = followers;
    this.#told = reduction !== null && followers === null ? new Told(texts) : null;
    this.witness = reduction && new Witness(this.machine, reduction.assumptions);
    this.machine.onResult = (parked, result) => this.#learned(parked, result);
    // That processes were started is nothing that a step has done.
    super.settled();
  }

  /** Keeps the state in which the step under way has begun, for when the path leads here again. */
  keep(at: number): void {
    const followers = this.#followers;
    if (followers === null || this.#kept.at(-1)?.at === at) return;
    const parts = [this.save(), followers.save(), this.#choices.save()];
    const witness = this.witness?.save();
    const seen = this.#seen;
    const decided = this.#decided;
    // The step under way is made again.
    const depth = this.depth - 1;
    const restore = (): void => {
      for (const part of parts) part();
      witness?.();
      this.#seen = seen;
      this.#decided = decided;
      this.depth = depth;
    };
    this.#kept.push({ at, restore });
  }

  /** Goes back to the last state on the path that was kept. False: there is none, and the run must be made anew. */
  goBack(): boolean {
    const { path } = this.#search;
    while (this.#kept.length > 0 && this.#kept.at(-1)!.at >= path.size) this.#kept.pop();
    const last = this.#kept.at(-1);
    if (last === undefined) return false;
    last.restore();
    path.restart(last.at);
    this.pruned = false;
    this.edges = 0;
    this.made = 0;
    return true;
  }

  override step(): boolean {
    if (this.pruned) return false;
    this.#choices.stepBegins();
    this.depth++;
    const goesOn = super.step();
    if (goesOn) this.made++;
    else this.depth--;
    return goesOn;
  }

  override settled(): void {
    const { path, states, reduction } = this.#search;
    if (!this.#goOn()) return;
    const choices = this.#choices;
    const { current } = this.machine;
    const quiet = choices.reduced && choices.isSingle && !this.world.changed && !waits(current);
    if (choices.reduced && !quiet) path.release(choices.stepBegan);
    if (current !== null && !quiet && !this.#seen.has(current)) this.#seen = new Set(this.#seen).add(current);
    this.#asked(() => super.settled());
    if (this.witness?.contradicted) {
      this.pruned = true;
      return;
    }
    if (!path.isNew) return;
    this.edges++;
    // Only where something is decided can the way part.
    if (reduction === null || path.length === this.#decided || this.failure !== null) return;
    this.#decided = path.length;
    const { a, b } = this.#name();
    if (!states.add(a, b)) this.pruned = true;
  }

  /** What must be true in the end is judged where runs end, not where they join another. */
  override finish(): Failure | null {
    return this.pruned ? this.failure : this.#asked(() => super.finish());
  }

  /** Counts what it has observed. */
  count(coverage: CoverageCounter): void {
    this.#asked(() => coverage.add(this));
  }

  /** Whether an identical process comes before it that has not been seen to do anything either. */
  isLaterOfItsKind(process: SimProcess, { kinds }: Symmetry): boolean {
    const kind = kinds[process.index] ?? null;
    if (kind === null || this.#seen.has(process)) return false;
    for (const other of this.machine.scheduler.active) {
      if (other === process) return false;
      if (kinds[other.index] !== kind || other.state !== 'running' || this.#seen.has(other)) continue;
      if (other.runnable.length > 0) return true;
    }
    return false;
  }

  /** What a run that comes here again must be told. */
  remember(): unknown {
    return this.#told?.remember();
  }

  recall(memo: unknown): void {
    this.#told?.recall(memo as readonly (Fingerprint | null)[]);
  }

  /** Invariants are asked. */
  #asked<T>(ask: () => T): T {
    const { looks } = this.world;
    const answer = ask();
    if (this.world.looks > looks) this.witness?.watched();
    return answer;
  }

  /** What the process of the step does upon what it has learned in it. False: that cannot be known without executing it. */
  #goOn(): boolean {
    try {
      this.#followers?.goOn(this.machine);
      return true;
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      this.unfit = error;
      this.pruned = true;
      return false;
    }
  }

  #learned(parked: ParkedOperation, result: unknown): void {
    this.witness?.saw(parked, result);
    this.#followers?.learned(parked, result);
    if (this.#search.path.isNew) this.#told?.learned(parked, result);
  }

  #name(): Fingerprint {
    const digest = new StateHasher(this.#search.texts);
    const told = this.#followers ?? this.#told!;
    this.digest(digest, (process) => told.nameOf(process));
    if (Number.isFinite(this.#search.preemptions)) {
      digest.number(this.#choices.preemptions);
      digest.number(this.machine.scheduler.last?.index ?? -1);
    }
    return digest.name();
  }
}

/** Whether a process has come to wait in its last step, or to an end. */
function waits(process: SimProcess | null): boolean {
  if (process === null || !process.alive) return true;
  return process.waiting > 0 || (process.signals?.waiters.length ?? 0) > 0;
}
