/**
 * Choices that make a run follow a named log, although the program or the simulation has changed since it was recorded. At each choice
 * they prefer what the log has next. An operation that the log does not have is let happen; an action that cannot happen is left
 * for later, or out. For example, if `worker` reads a file first since then:
 *
 *   the log      the run
 *   A open       A read     not in the log: the action of the log stays next
 *   B open       A open
 *   kill A       B open
 *                kill A
 */
import type { Run } from '../run/run.ts';
import { type ChoiceKind, type EnabledSet, type SimProcess, SynchronousCall } from '../sim/index.ts';
import type { Guide } from './guide.ts';
import { type NamedAction, type NamedLog, OperationNames, onOperation } from './named-log.ts';

/** How far a run may differ from its log. */
export interface Tolerance {
  /** Among how many of the next operations of a process in the log one that happens is looked up: those before it are left out. */
  readonly missing: number;
  /** How many operations in a row a process may do that the log does not have; after these, each stands for one of the log. */
  readonly extra: number;
  /** Whether operations of other processes are waited for when time passes; otherwise they are left out. */
  readonly waits: boolean;
}

/** The processes of a scenario that may be idle or left out, in the order in which a run asks for them. */
export interface AskedStarts {
  readonly absent: readonly string[];
  readonly optional: readonly string[];
}

/** How many actions of the log are considered at a choice. */
const LOOKAHEAD = 2_000;

export class SteeredChoices implements Guide {
  readonly follows = true;
  readonly #log: NamedLog;
  readonly #tolerance: Tolerance;
  readonly #starts: AskedStarts;
  readonly #names = new OperationNames();
  readonly #isDone: Uint8Array;
  readonly #extras = new Map<string, number>();
  readonly #asked = { absent: 0, optional: 0, machine: 0 };
  /** All actions before it are done. */
  #from = 0;
  #targets: (string | number)[] = [];
  #run!: Run;

  constructor(log: NamedLog, tolerance: Tolerance, starts: AskedStarts) {
    this.#log = log;
    this.#tolerance = tolerance;
    this.#starts = starts;
    this.#isDone = new Uint8Array(log.actions.length);
  }

  begins(run: Run): void {
    this.#run = run;
    onOperation(run, (parked) => {
      const operation = this.#names.of(parked);
      this.#names.begins(parked.process);
      this.#happens(parked.process.name, operation);
    });
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    switch (concern) {
      case 'schedule':
      case 'settle':
        return this.#step(n);
      case 'fault':
        return this.#fault();
      case 'target':
        return this.#target(n, candidates);
      case 'time': {
        const at = this.#next();
        return at !== null && this.#log.actions[at]!.kind === 'time' ? 1 : 0;
      }
      case 'absent':
        return this.#log.idle.includes(this.#starts.absent[this.#asked.absent++] ?? '') ? 1 : 0;
      case 'optional':
        return this.#log.leftOut.includes(this.#starts.optional[this.#asked.optional++] ?? '') ? 1 : 0;
      case 'machine': {
        const choice = this.#log.machine[this.#asked.machine++] ?? 0;
        return choice < n ? choice : 0;
      }
      case 'preempt':
        return candidates instanceof SynchronousCall && this.#preempts(candidates) ? 1 : 0;
    }
  }

  advanced(busy: boolean): void {
    const isLogged = (action: NamedAction): boolean => action.kind === 'time' && action.busy === busy;
    const { active } = this.#run.machine.scheduler;
    const mayStillHappen = ({ kind, process }: NamedAction & { process?: string }): boolean =>
      kind !== 'step' || active.some(({ name }) => name === process);
    if (busy) {
      this.#doneFirst(isLogged);
      return;
    }
    if (!this.#tolerance.waits) {
      this.#leaveOutUntil(isLogged);
      return;
    }
    const at = this.#find(mayStillHappen);
    if (at !== null && isLogged(this.#log.actions[at]!)) this.#done(at);
  }

  /** Time has passed because no process could run: leaves out the steps before it. A fault still comes. */
  #leaveOutUntil(isLogged: (action: NamedAction) => boolean): void {
    for (let at = this.#find(() => true); at !== null; at = this.#find(() => true)) {
      const action = this.#log.actions[at]!;
      if (action.kind === 'fault') return;
      this.#done(at);
      if (isLogged(action)) return;
    }
  }

  /** The next action that can happen now; `null` if there is none, or if a fault has to wait until time has passed. */
  #next(): number | null {
    const canRun = new Set(this.#processes().map(({ name }) => name));
    let timePasses = false;
    const at = this.#find((action) => {
      if (action.kind === 'step') return canRun.has(action.process);
      if (action.kind === 'fault' || action.busy) return true;
      timePasses = true;
      return false;
    });
    return at !== null && timePasses && this.#log.actions[at]!.kind !== 'step' ? null : at;
  }

  #step(n: number): number {
    for (let at = this.#next(); at !== null; at = this.#next()) {
      const action = this.#log.actions[at]!;
      const choice = action.kind === 'step' ? this.#operationOf(action.process, n) : null;
      if (choice !== null) return choice;
      // A fault, or time, was chosen before if it could be; an operation is missing.
      this.#done(at);
    }
    return 0;
  }

  /** The choice for the next operation of a process in the log; `null` if the process has come to a later one already. */
  #operationOf(process: string, n: number): number | null {
    const { scheduler } = this.#run.machine;
    const own = new Map<string, number>();
    for (let choice = n - 1; choice >= 0; choice--) {
      const parked = scheduler.candidate(choice);
      if (parked.process.name === process) own.set(this.#names.of(parked), choice);
    }
    const [next, ...later] = this.#upcoming(process).map((at) => this.#operationAt(at)!);
    const wanted = own.get(next!);
    if (wanted !== undefined) return wanted;
    return later.some((operation) => own.has(operation)) ? null : Math.min(...own.values());
  }

  /** Whether the log has the call as a step of its own, and something before it. */
  #preempts(call: SynchronousCall): boolean {
    const [next] = this.#upcoming(call.process.name);
    if (next === undefined || this.#operationAt(next) !== this.#names.of(call)) return false;
    return this.#find(() => true) !== next;
  }

  #fault(): number {
    for (let at = this.#next(); at !== null; at = this.#next()) {
      const action = this.#log.actions[at]!;
      if (action.kind !== 'fault') return 0;
      this.#done(at);
      const choice = this.#run.strikes().findIndex(([name]) => name === action.fault) + 1;
      if (choice === 0 || this.#run.faultsLeft(choice) === 0) continue;
      this.#targets = [...action.targets];
      return choice;
    }
    return 0;
  }

  #target(n: number, candidates: EnabledSet | undefined): number {
    const wanted = candidates === undefined ? 'number' : 'string';
    const at = this.#targets.findIndex((target) => typeof target === wanted);
    const [target] = at < 0 ? [] : this.#targets.splice(at, 1);
    if (typeof target === 'number') return target < n ? target : 0;
    if (target === undefined || candidates === undefined) return 0;
    const { active } = this.#run.machine.scheduler;
    const index = active.find(({ name }) => name === target)?.index;
    for (let i = 0; i < n; i++) if (candidates.processOf(i) === index) return i;
    return 0;
  }

  /** Marks what an operation corresponds to in the log, also if no choice led to it. */
  #happens(process: string, operation: string): void {
    const upcoming = this.#upcoming(process);
    const same = upcoming.findIndex((at) => this.#operationAt(at) === operation);
    const extras = this.#extras.get(process) ?? 0;
    if (same < 0 && extras < this.#tolerance.extra) {
      this.#extras.set(process, extras + 1);
      return;
    }
    this.#extras.delete(process);
    for (const at of upcoming.slice(0, same + 1 || 1)) this.#done(at);
  }

  /** The next operations of a process in the log. */
  #upcoming(process: string): number[] {
    const upcoming: number[] = [];
    this.#find((action, at) => {
      if (action.kind === 'step' && action.process === process) upcoming.push(at);
      return upcoming.length > this.#tolerance.missing;
    });
    return upcoming;
  }

  #operationAt(at: number): string | null {
    const action = this.#log.actions[at]!;
    return action.kind === 'step' ? action.operation : null;
  }

  #processes(): SimProcess[] {
    const { active } = this.#run.machine.scheduler;
    return active.filter(({ mayRun, offered }) => mayRun && offered.length > 0);
  }

  /** The first action that is not done and for which this holds. */
  #find(fits: (action: NamedAction, at: number) => boolean): number | null {
    const { actions } = this.#log;
    const end = Math.min(actions.length, this.#from + LOOKAHEAD);
    for (let at = this.#from; at < end; at++) if (!this.#isDone[at] && fits(actions[at]!, at)) return at;
    return null;
  }

  #doneFirst(fits: (action: NamedAction) => boolean): void {
    const at = this.#find(fits);
    if (at !== null) this.#done(at);
  }

  #done(at: number): void {
    this.#isDone[at] = 1;
    while (this.#isDone[this.#from]) this.#from++;
  }
}
