/** Adds the operations of a run to its trace. */
import { type Machine, type Operation, type Outcome, traced } from '../ports/index.ts';
import type { SimMachine, SimProcess } from '../sim/index.ts';
import { operationEvent, type TraceEvent } from './trace.ts';

/** What an event has only in a run that is replayed to be shown. */
export type ShownOnly = Pick<TraceEvent, 'at' | 'sent'>;
/** What it has in all other runs. */
export const NOTHING_MORE: ShownOnly = {};

/** With operations in two phases, the trace shows an operation when it happens, not when its process learns the result. */
export class OperationTrace {
  readonly #events: TraceEvent[];
  readonly #at: () => { step: number; atMs: number };
  readonly #shownOf: (operation: Operation) => ShownOnly;
  /** Operations that are in the trace before their processes know the result. */
  readonly #shown = new Set<object>();

  constructor(
    events: TraceEvent[],
    at: () => { step: number; atMs: number },
    shownOf: (operation: Operation) => ShownOnly,
  ) {
    this.#events = events;
    this.#at = at;
    this.#shownOf = shownOf;
  }

  /** The seam of a machine, with all that passes it in the trace. */
  readonly seam = (machine: SimMachine): Machine<SimProcess> =>
    traced(machine, (process, operation, outcome) => {
      if (!this.#shown.delete(operation)) this.#add(process, operation, outcome);
    });

  readonly onEffect = (process: SimProcess, operation: Operation, outcome: Outcome): void => {
    this.#shown.add(operation);
    this.#add(process, operation, outcome);
  };

  #add(process: SimProcess, operation: Operation, outcome: Outcome): void {
    const event = operationEvent({ ...this.#at(), process: process.name }, operation, outcome);
    const shown = this.#shownOf(operation);
    this.#events.push(shown === NOTHING_MORE ? event : { ...event, ...shown });
  }
}
