import type { Candidates, Choices, Concern, Restore, SimProcess } from '../sim/index.ts';
import type { ExploredRun, Search } from './explored-run.ts';
import type { Independence } from './independent.ts';
import { wordsOf } from './tree.ts';

/** The choices of one run of a search: those of the path, then new ones. */
export class PathChoices implements Choices {
  run!: ExploredRun;
  readonly #search: Search;
  /** Where in the path the step under way began. */
  stepBegan = 0;
  /** The step under way is one that a reduction has decided. */
  reduced = false;
  preemptions = 0;
  /** Nothing has happened in the step under way, so that it can be begun again. */
  #isWhole = false;

  constructor(search: Search) {
    this.#search = search;
  }

  stepBegins(): void {
    this.stepBegan = this.#search.path.length;
    this.reduced = false;
    this.#isWhole = true;
  }

  save(): Restore {
    const { preemptions } = this;
    return () => {
      this.preemptions = preemptions;
    };
  }

  choose(n: number, concern: Concern, candidates?: Candidates): number {
    // How many take part is one of the bounds.
    if (concern === 'absent') return 0;
    const { path } = this.#search;
    const choice = path.isNew ? this.#decide(n, concern) : this.#again(n);
    this.#search.tree?.decided(path.length - 1, choice, () => wordsOf(this.run, concern, choice, candidates));
    if (path.isReduced) this.reduced = true;
    if (isSchedule(concern) && this.#isPreemption(choice, candidates!)) this.preemptions++;
    if (choice !== 0 || isSchedule(concern)) this.#isWhole = false;
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
    if (concern === 'target' || concern === 'machine') return this.#decideFor(upTo(n), undefined);
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
    if (only === undefined && options.length > 1 && this.#isWhole) this.run.keep(this.stepBegan);
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

function isSchedule(concern: Concern): boolean {
  return concern === 'schedule' || concern === 'settle';
}
