import type { ChoiceKind, Choices, EnabledSet, Restore, SimProcess } from '../sim/index.ts';
import type { ExploredRun, Search } from './explored-run.ts';
import type { Independence } from './independent.ts';
import { wordsOf } from './tree.ts';

/** Who may go on in a step, by the numbers of the choice; and of them the first whose operation is independent, see {@link Independent}. */
interface Candidacy {
  /** How many operations had happened. */
  readonly steps: number;
  readonly all: readonly number[];
  readonly silent: number | null;
  /** Only private. */
  readonly quiet: number | null;
}

/** The choices of one run of a search: those of the path, then new ones. */
export class PathChoices implements Choices {
  run!: ExploredRun;
  readonly #search: Search;
  /** Where in the path the step under way began. */
  stepBegan = 0;
  /** The step under way is one that a reduction has decided. */
  reduced = false;
  preemptions = 0;
  /** No fault has struck in the step under way, no time has passed, and no effect has made a choice. */
  #isWhole = false;
  #stepsBefore = 0;
  #who: Candidacy | null = null;

  constructor(search: Search) {
    this.#search = search;
  }

  stepBegins(): void {
    this.stepBegan = this.#search.path.length;
    this.reduced = false;
    this.#isWhole = true;
    this.#who = null;
    this.#stepsBefore = this.run.machine.scheduler.steps;
  }

  /** One operation has happened in the step; programs may call more of them synchronously. */
  get isSingle(): boolean {
    return this.run.machine.scheduler.steps === this.#stepsBefore + 1;
  }

  save(): Restore {
    const { preemptions } = this;
    return () => {
      this.preemptions = preemptions;
    };
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    // What the scenario demands is always there.
    if (concern === 'absent') return 0;
    const { path, faults } = this.#search;
    if (concern === 'fault' && this.run.faults >= faults) return 0;
    if (concern === 'optional') return path.isNew ? path.decide(upTo(n), null, undefined) : path.again(n);
    const choice = path.isNew ? this.#decide(n, concern) : this.#again(n);
    this.#search.tree?.decided(path.length - 1, choice, () => wordsOf(this.run, concern, choice, candidates));
    if (path.isReduced) this.reduced = true;
    if (isSchedule(concern) && this.#isPreemption(choice, candidates!)) this.preemptions++;
    if (choice !== 0) this.#isWhole = false;
    return choice;
  }

  #again(n: number): number {
    const { path } = this.#search;
    const choice = path.again(n);
    // From here on the run is new: what was learned until now was kept when it was made for the first time.
    if (path.isNew) this.run.recall(path.memo);
    return choice;
  }

  #decide(n: number, concern: ChoiceKind): number {
    if (concern === 'target' || concern === 'machine') {
      // Something is happening already.
      this.#isWhole = false;
      return this.#decideFor(upTo(n), null);
    }
    const { steps } = this.run.machine.scheduler;
    if (this.#who?.steps !== steps) this.#who = this.#lookAround(steps);
    const { all, silent, quiet } = this.#who;
    if (isSchedule(concern)) return this.#decideFor(all, silent ?? quiet);
    // Whether a fault strikes first, or time passes: not before an operation that it makes no difference to.
    const options = concern === 'fault' ? this.#faults(n) : upTo(n);
    return this.#decideFor(options, silent === null ? null : 0);
  }

  /** None, and those that may still strike. */
  #faults(n: number): readonly number[] {
    const { run } = this;
    const all = upTo(n);
    const isLeft = (choice: number): boolean => choice === 0 || run.faultsLeft(choice) > 0;
    return all.every(isLeft) ? all : all.filter(isLeft);
  }

  #decideFor(options: readonly number[], only: number | null): number {
    if (only === null && options.length > 1 && this.#canKeep) this.run.keep(this.stepBegan);
    return this.#search.path.decide(options, only, this.run.remember());
  }

  /** Nothing has happened in the step under way: it can be begun again. */
  get #canKeep(): boolean {
    return this.#isWhole && this.run.machine.scheduler.steps === this.#stepsBefore;
  }

  #lookAround(steps: number): Candidacy {
    const all = this.#schedulable();
    let quiet: number | null = null;
    for (const i of all) {
      const independence = this.#independence(i);
      if (independence === 'silent') return { steps, all, silent: i, quiet };
      if (independence === 'private') quiet ??= i;
    }
    return { steps, all, silent: null, quiet };
  }

  /** Who may go on within the bounds. */
  #schedulable(): readonly number[] {
    const { preemptions, symmetry } = this.#search;
    const { scheduler } = this.run.machine;
    let some = upTo(scheduler.count());
    if (this.preemptions >= preemptions) some = some.filter((i) => !this.#isPreemption(i, scheduler));
    if (symmetry === null || some.length < 2) return some;
    const first = some.filter((i) => !this.run.isLaterOfItsKind(scheduler.candidate(i).process, symmetry));
    if (first.length < some.length) symmetry.used = true;
    return first;
  }

  #independence(i: number): Independence {
    const { reduction, preemptions } = this.#search;
    const { machine } = this.run;
    if (reduction === null) return null;
    const parked = machine.scheduler.candidate(i);
    // Within a bound on preemptions it would cost one, or those that could go on instead would cost one afterwards.
    if (Number.isFinite(preemptions) && parked.process !== machine.scheduler.last) return null;
    return reduction.of(machine, parked, this.run.witness!.paths);
  }

  #isPreemption(choice: number, candidates: EnabledSet): boolean {
    const { last } = this.run.machine.scheduler;
    return canGoOn(last) && candidates.processOf(choice) !== last.index;
  }
}

const RANGES: (readonly number[])[] = [];

function upTo(n: number): readonly number[] {
  RANGES[n] ??= Array.from({ length: n }, (_, i) => i);
  return RANGES[n];
}

function canGoOn(process: SimProcess | null): process is SimProcess {
  return process !== null && process.state === 'running' && process.runnable.length > 0;
}

function isSchedule(concern: ChoiceKind): boolean {
  return concern === 'schedule' || concern === 'settle';
}
