/** Adds the operations of a run to its trace. */
import { type Machine, type Operation, type Outcome, traced } from '../ports/index.ts';
import type { SimMachine, SimProcess } from '../sim/index.ts';
import { operationEvent, type TraceEvent } from './trace.ts';

/** With operations in two phases, the trace shows an operation when it happens, not when its process learns the result. */
export class OperationTrace {
  readonly #events: TraceEvent[];
  readonly #at: () => { step: number; atMs: number };
  readonly #placeOf: (operation: Operation) => string | null;
  /** Operations that are in the trace before their processes know the result. */
  readonly #shown = new Set<object>();

  constructor(
    events: TraceEvent[],
    at: () => { step: number; atMs: number },
    placeOf: (operation: Operation) => string | null,
  ) {
    this.#events = events;
    this.#at = at;
    this.#placeOf = placeOf;
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
    const at = this.#placeOf(operation);
    this.#events.push(at === null ? event : { ...event, at });
  }
}
