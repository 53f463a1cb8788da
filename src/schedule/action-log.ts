import type { RunListener } from '../run/observer.ts';
import type { ChoiceKind, Choices, EnabledSet, SimProcess, Strike } from '../sim/index.ts';
import type { Guide } from './guide.ts';

/**
 * A run as a log of actions: what happened, in order, with processes identified by number. Unlike a schedule, it keeps its
 * meaning when parts are removed, which is what shrinking does.
 */
export type ActionLog = readonly Action[];

export type Action =
  /** An operation of a process happened: the one with index `rank` among the pending operations of the process. */
  | StepAction
  /** Time passed until the next timer. `busy`: although a process could run. */
  | { readonly kind: 'advance'; readonly busy: boolean }
  /** A fault struck, with the choices that it made. */
  | { readonly kind: 'fault'; readonly choice: number; readonly targets: readonly Target[] };

interface StepAction {
  readonly kind: 'step';
  readonly process: number;
  readonly rank: number;
  /** It made so many synchronous calls before others went on, and the next one is a step of its own. Default: all. */
  readonly calls?: number;
}

interface Target {
  readonly choice: number;
  /** The process that it chose, if any. */
  readonly process: number | null;
}

/** Forwards the choices of another source, and records them as actions. */
export class ActionRecorder implements Choices, RunListener {
  readonly actions: Action[] = [];
  readonly absent: number[] = [];
  readonly optional: number[] = [];
  readonly machine: number[] = [];
  readonly #source: Choices;
  #rank = 0;
  /** How many synchronous calls the step has made. */
  #calls = 0;
  #isPreempted = false;
  #fault: { choice: number; targets: Target[] } | null = null;

  constructor(source: Choices) {
    this.#source = source;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    const choice = this.#source.choose(n, concern, candidates);
    if (concern === 'schedule' || concern === 'settle') this.#rank = rankOf(choice, candidates!);
    else if (concern === 'fault') this.#fault = choice === 0 ? null : { choice, targets: [] };
    else if (concern === 'target') {
      this.#fault?.targets.push({ choice, process: candidates?.processOf(choice) ?? null });
    } else if (concern === 'absent') this.absent.push(choice);
    else if (concern === 'optional') this.optional.push(choice);
    else if (concern === 'machine') this.machine.push(choice);
    else if (concern === 'preempt') {
      if (choice === 0) this.#calls++;
      else this.#isPreempted = true;
    }
    return choice;
  }

  stepped(process: SimProcess): void {
    const action = { kind: 'step', process: process.index, rank: this.#rank } as const;
    this.actions.push(this.#isPreempted ? { ...action, calls: this.#calls } : action);
    this.#rank = 0;
    this.#calls = 0;
    this.#isPreempted = false;
  }

  advanced(busy: boolean): void {
    this.actions.push({ kind: 'advance', busy });
  }

  struck(_strike: Strike): void {
    if (this.#fault !== null) this.actions.push({ kind: 'fault', ...this.#fault });
    this.#fault = null;
  }
}

/** The choices that a log contains besides its actions: which processes take part, and those of the machine. */
export interface Circumstances {
  /** For each required process that may stay idle: 1 if it does. */
  readonly absent: readonly number[];
  /** For each optional process: 1 if it is left out. */
  readonly optional: readonly number[];
  readonly machine: readonly number[];
}

/** Replays a log as far as possible: an action that cannot happen is skipped, and a missing choice is the default. */
export class ActionReplayer implements Guide {
  readonly follows = true;
  readonly #actions: ActionLog;
  readonly #circumstances: Circumstances;
  #at = 0;
  #absentAt = 0;
  #optionalAt = 0;
  #machineAt = 0;
  /** How many synchronous calls the step has made. */
  #calls = 0;
  #targets: Target[] = [];

  constructor(actions: ActionLog, circumstances: Circumstances) {
    this.#actions = actions;
    this.#circumstances = circumstances;
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    switch (concern) {
      case 'schedule':
      case 'settle':
        return this.#step(n, candidates!);
      case 'fault':
        return this.#fault(n);
      case 'target':
        return this.#target(n, candidates);
      case 'time': {
        const action = this.#actions[this.#at];
        return action?.kind === 'advance' && action.busy ? 1 : 0;
      }
      case 'absent':
        return this.#circumstances.absent[this.#absentAt++] ?? 0;
      case 'optional':
        return this.#circumstances.optional[this.#optionalAt++] ?? 0;
      case 'machine': {
        const choice = this.#circumstances.machine[this.#machineAt++] ?? 0;
        return choice < n ? choice : 0;
      }
      case 'preempt':
        return this.#preempts(candidates!.processOf(0)) ? 1 : 0;
    }
  }

  stepped(process: SimProcess): void {
    this.#calls = 0;
    const at = this.#stepFrom();
    const action = this.#actions[at];
    if (action?.kind === 'step' && action.process === process.index) this.#at = at + 1;
  }

  /** The next action, if it is a step: it can happen now, so time need not pass first. */
  #stepFrom(): number {
    let at = this.#at;
    while (this.#isAdvance(at, false)) at++;
    return at;
  }

  #preempts(process: number): boolean {
    const action = this.#actions[this.#stepFrom()];
    return action?.kind === 'step' && action.process === process && action.calls === this.#calls++;
  }

  advanced(busy: boolean): void {
    let at = this.#at;
    // Time has passed because no process could run, so the steps before it cannot happen.
    if (!busy) while (this.#actions[at]?.kind === 'step') at++;
    if (this.#isAdvance(at, busy)) this.#at = at + 1;
    else if (this.#actions[at]?.kind === 'fault') this.#at = at;
  }

  #isAdvance(at: number, busy: boolean): boolean {
    const action = this.#actions[at];
    return action?.kind === 'advance' && action.busy === busy;
  }

  #step(n: number, candidates: EnabledSet): number {
    const from = this.#at;
    for (; this.#at < this.#actions.length; this.#at++) {
      const action = this.#actions[this.#at]!;
      if (action.kind === 'fault') {
        // The fault strikes before the next step; if the fault itself comes first, no fault can strike here.
        if (this.#at > from) return 0;
        continue;
      }
      if (action.kind === 'advance') continue;
      let rank = 0;
      let first = -1;
      for (let i = 0; i < n; i++) {
        if (candidates.processOf(i) !== action.process) continue;
        if (rank++ === action.rank) return i;
        if (first < 0) first = i;
      }
      if (first >= 0) return first;
    }
    return 0;
  }

  #fault(n: number): number {
    const action = this.#actions[this.#at];
    if (action?.kind !== 'fault') return 0;
    this.#at++;
    this.#targets = [...action.targets];
    return action.choice < n ? action.choice : 0;
  }

  #target(n: number, candidates: EnabledSet | undefined): number {
    const ofProcess = candidates !== undefined;
    const at = this.#targets.findIndex(({ process }) => (process !== null) === ofProcess);
    const [target] = at < 0 ? [] : this.#targets.splice(at, 1);
    if (target === undefined) return 0;
    if (ofProcess) {
      for (let i = 0; i < n; i++) if (candidates.processOf(i) === target.process) return i;
    }
    return target.choice < n ? target.choice : 0;
  }
}

/** The index of a candidate among the operations of its process. */
function rankOf(choice: number, candidates: EnabledSet): number {
  const process = candidates.processOf(choice);
  let rank = 0;
  for (let i = 0; i < choice; i++) if (candidates.processOf(i) === process) rank++;
  return rank;
}
