/**
 * Operations of programs that call synchronously. They happen within the step of their process, while time stands still for all others;
 * or, by a choice of the schedule, in a step of their own, after others have gone on.
 */
import {
  type Machine,
  type Operation,
  type OperationName,
  type Pending,
  type Reject,
  type Resolve,
  SystemError,
} from '../../ports/index.ts';
import type { Choices, EnabledSet } from '../kernel/choices.ts';
import { operationName } from '../kernel/operation-name.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { ParkedOperation, SimProcess } from '../records/process.ts';
import type { Halt } from './halt.ts';
import { hasTakenEffect, type Performer, performWatched } from './perform.ts';

/** A machine, as far as it carries out operations at once. */
export interface ImmediatePerformer extends Performer {
  readonly seam: Machine<SimProcess>;
  /** For programs that call on and on within one step: after so many steps they are refused. */
  readonly maxSteps: number;
  readonly operationUs: number;
  readonly choices: Choices;
  /** How many operations have been asked for. */
  readonly asked: number;
  /** The operation that was asked for last. */
  readonly lastParked: ParkedOperation | null;
  halt: Halt | null;
}

/**
 * Its result; undefined when the process has ended by it.
 *
 * @throws SystemError EAGAIN: it would have to wait
 */
export function performNow(machine: ImmediatePerformer, process: SimProcess, operation: Operation): unknown {
  if (machine.scheduler.steps > machine.maxSteps) throw tooMany(machine, process);
  // A process may be killed between two synchronous calls too; stopped, it comes to the end of its step first.
  if (machine.nemesis?.strike() && !process.alive) return undefined;
  const outcome: { value?: unknown; error?: SystemError; known: boolean } = { known: false };
  const pending = machine.seam.execute(
    process,
    operation,
    (value) => Object.assign(outcome, { value, known: true }),
    (error) => Object.assign(outcome, { error, known: true }),
  );
  const parked = process.runnable.at(-1);
  if (!outcome.known && parked?.operation === operation) {
    machine.scheduler.take(parked);
    machine.clocks.nowUs += machine.operationUs;
    performWatched(machine, parked);
    // The second phase follows at once: no other process goes on meanwhile.
    if (process.runnable.at(-1) === parked && hasTakenEffect(parked)) {
      process.runnable.pop();
      performWatched(machine, parked);
    }
  }
  if (!outcome.known && process.alive) {
    pending.cancel();
    throw new SystemError('EAGAIN', operation);
  }
  if (outcome.error !== undefined) throw outcome.error;
  return outcome.value;
}

/** What another process does before them makes no difference. */
const ONLY_OWN: ReadonlySet<OperationName> = new Set([
  ...(['self', 'sigaction', 'clock', 'pipe', 'socketpair', 'getsockname', 'getpeername'] as const),
]);

/** Whether other processes go on before a synchronous call happens. */
export function isPreempted(machine: ImmediatePerformer, process: SimProcess, operation: Operation): boolean {
  if (ONLY_OWN.has(operation.op) || machine.halt !== null || !process.alive) return false;
  const { choices, scheduler, asked } = machine;
  return choices.choose(2, 'preempt', new SynchronousCall(process, operation, asked, scheduler)) === 1;
}

/** A synchronous call happens in a step of its own. */
export function performApart(
  machine: ImmediatePerformer,
  process: SimProcess,
  operation: Operation,
  resolve: Resolve,
  reject: Reject,
): Pending {
  let parked: ParkedOperation | null = null;
  let isOver = false;
  const leave = (): void => {
    isOver = true;
    if (parked !== null) process.preempted = without(process.preempted, parked);
  };
  const over = (settle: Resolve) => (value: unknown) => {
    leave();
    settle(value);
  };
  const pending = machine.seam.execute(process, operation, over(resolve), over(reject));
  if (!isOver) {
    parked = machine.lastParked!;
    process.preempted = [...(process.preempted ?? []), parked];
  }
  return {
    cancel: () => {
      pending.cancel();
      leave();
    },
  };
}

function without(list: readonly ParkedOperation[] | null, parked: ParkedOperation): ParkedOperation[] | null {
  const rest = list?.filter((each) => each !== parked) ?? [];
  return rest.length > 0 ? rest : null;
}

/** The call, and then the operations that could happen before it. */
export class SynchronousCall implements EnabledSet {
  readonly process: SimProcess;
  readonly operation: Operation;
  readonly #sequence: number;
  readonly #others: Scheduler;

  constructor(process: SimProcess, operation: Operation, sequence: number, others: Scheduler) {
    this.process = process;
    this.operation = operation;
    this.#sequence = sequence;
    this.#others = others;
  }

  count(): number {
    return 1 + this.#others.count();
  }

  processOf(i: number): number {
    return i === 0 ? this.process.index : this.#others.processOf(i - 1);
  }

  sequenceOf(i: number): number {
    return i === 0 ? this.#sequence : this.#others.sequenceOf(i - 1);
  }

  nameOf(i: number): string {
    return i === 0 ? operationName(this) : this.#others.nameOf(i - 1);
  }
}

function tooMany(machine: ImmediatePerformer, process: SimProcess): Error {
  const message = `not over after ${machine.maxSteps} steps: ${process.name} calls synchronously on and on`;
  machine.halt ??= { reason: 'step-bound', process, message };
  return new Error(message);
}
