/**
 * An action log with names: which process did which operation, when time passed, which fault struck. It is stored with a recorded
 * token, because it keeps its meaning when the program or the simulation changes, and a schedule does not. For example:
 *
 *   worker#4  mkdir /state
 *   worker#4  open /state/lock
 *   worker#1  open /state/lock
 *   fault     kill worker#4
 */
import type { Address } from '../ports/operation.ts';
import type { RunListener } from '../run/observer.ts';
import type { Run } from '../run/run.ts';
import type { ChoiceKind, Choices, EnabledSet, ParkedOperation, SimProcess, Strike } from '../sim/index.ts';
import { ActionRecorder } from './action-log.ts';

export type NamedAction =
  /** A process did an operation, see {@link OperationNames}. */
  | { readonly kind: 'step'; readonly process: string; readonly operation: string }
  /** Time passed until the next timer. `busy`: although a process could run. */
  | { readonly kind: 'time'; readonly busy: boolean }
  /** A fault struck. For each of its choices: the name of the process that it chose, or the number of another choice. */
  | { readonly kind: 'fault'; readonly fault: string; readonly targets: readonly (string | number)[] };

/** A run as a log of named actions. Plain data. */
export interface NamedLog {
  readonly actions: readonly NamedAction[];
  /** Required processes that exist but were never scheduled. */
  readonly idle: readonly string[];
  /** Processes of optional starts that the run did not have. */
  readonly leftOut: readonly string[];
  /** The choices of the machine, such as the order of directory entries. */
  readonly machine: readonly number[];
}

/** The arguments that tell operations apart. */
const WORDS = ['path', 'from', 'to', 'target', 'signal'];

/** The first step of a process, before its first operation. */
const BEGIN = 'begin';

/** Names the operations of a run's processes. The same operation in another run has the same name. */
export class OperationNames {
  readonly #begun = new Set<SimProcess>();

  /** For example `open /state/lock`. PIDs and descriptors are left out, because they may differ in another run. */
  of({ process, operation }: Pick<ParkedOperation, 'process' | 'operation'>): string {
    if (!this.#begun.has(process)) return BEGIN;
    const words = WORDS.map((key) => (operation as Readonly<Record<string, unknown>>)[key]);
    const address = 'address' in operation ? [addressText(operation.address)] : [];
    return [operation.op, ...words.filter((word) => typeof word === 'string'), ...address].join(' ');
  }

  /** The process has made its first step. */
  begins(process: SimProcess): void {
    this.#begun.add(process);
  }
}

/**
 * Calls back for each operation that happens, before it does. A scheduler offers no such hook, which would cost every run.
 */
export function onOperation({ machine: { scheduler } }: Run, act: (parked: ParkedOperation) => void): void {
  const take = scheduler.take.bind(scheduler);
  scheduler.take = (parked) => {
    act(parked);
    take(parked);
  };
}

/** Forwards the choices of another source, and records them as named actions. Call {@link begins} before the first step. */
export class NamedLogRecorder implements Choices, RunListener {
  readonly #numbered: ActionRecorder;
  readonly #operations: string[] = [];
  readonly #strikes: Strike[] = [];
  readonly #processNames = new Map<number, string>();
  readonly #names = new OperationNames();
  #run!: Run;
  /** That of the step; synchronous calls follow it. */
  #operation: string | null = null;

  constructor(source: Choices) {
    this.#numbered = new ActionRecorder(source);
  }

  begins(run: Run): void {
    this.#run = run;
    onOperation(run, (parked) => {
      this.#operation ??= this.#names.of(parked);
      this.#names.begins(parked.process);
    });
  }

  choose(n: number, concern: ChoiceKind, candidates?: EnabledSet): number {
    if (concern === 'target') {
      for (const { index, name } of this.#run.machine.scheduler.active) this.#processNames.set(index, name);
    }
    return this.#numbered.choose(n, concern, candidates);
  }

  stepped(process: SimProcess): void {
    this.#processNames.set(process.index, process.name);
    this.#operations.push(this.#operation ?? BEGIN);
    this.#operation = null;
    this.#numbered.stepped(process);
  }

  advanced(busy: boolean): void {
    this.#numbered.advanced(busy);
  }

  struck(strike: Strike): void {
    this.#strikes.push(strike);
    this.#numbered.struck(strike);
  }

  /** @param most how many actions it has at most; the first ones are kept */
  log(most: number): NamedLog {
    let steps = 0;
    let faults = 0;
    const nameOf = (index: number): string => this.#processNames.get(index)!;
    const actions = this.#numbered.actions.slice(0, most).map((action): NamedAction => {
      if (action.kind === 'advance') return { kind: 'time', busy: action.busy };
      if (action.kind === 'step')
        return { kind: 'step', process: nameOf(action.process), operation: this.#operations[steps++]! };
      const { fault, process: struck } = this.#strikes[faults++]!;
      const targets = action.targets.map(({ choice, process }) =>
        process === null ? choice : nameOf(process),
      );
      // Without a choice there was only one process to strike; another run may have more.
      if (struck !== null && !targets.some((target) => typeof target === 'string'))
        targets.unshift(struck.name);
      return { kind: 'fault', fault, targets };
    });
    const { idle, leftOut } = this.#run;
    return { actions, idle: [...idle], leftOut: [...leftOut], machine: [...this.#numbered.machine] };
  }
}

function addressText(address: Address): string {
  return address.kind === 'unix' ? address.path : `${address.host}:${address.tcpPort}`;
}
