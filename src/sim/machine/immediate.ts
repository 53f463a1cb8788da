/** Operations of programs that call synchronously: they happen within the step of their process, and time stands still for all others. */
import { type Machine, type Operation, SystemError } from '../../ports/index.ts';
import type { SimProcess } from '../records/process.ts';
import type { Halt } from './halt.ts';
import { hasTakenEffect, type Performer, performWatched } from './perform.ts';

/** A machine, as far as it carries out operations at once. */
export interface ImmediatePerformer extends Performer {
  readonly seam: Machine<SimProcess>;
  /** For programs that call on and on within one step: after so many steps they are refused. */
  readonly maxSteps: number;
  readonly operationUs: number;
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

function tooMany(machine: ImmediatePerformer, process: SimProcess): Error {
  const message = `not over after ${machine.maxSteps} steps: ${process.name} calls synchronously on and on`;
  machine.halt ??= { reason: 'step-bound', process, message };
  return new Error(message);
}
