/** When operations of a recorded run were asked for, when they began to wait, and with which event they ended. For display. */
import type { Operation } from '../ports/index.ts';
import type { SimMachine, SimProcess } from '../sim/index.ts';
import { operationEvent, type TraceEvent } from './trace.ts';

/** An operation that began before its event, or that has no event because it had not ended when the run did. */
export interface Span {
  readonly process: string;
  /** The operation without a result, at the moment when it began. */
  readonly begun: TraceEvent;
  /** How many events there were before it began. */
  readonly from: number;
  /** The index of its event; `null` if it did not end. */
  readonly end: number | null;
  /** Whether it began in a step of its own, such as a request that was sent; otherwise when the program asked for it. */
  readonly sent: boolean;
}

interface Moment {
  readonly step: number;
  readonly atMs: number;
  readonly from: number;
}

interface Pending {
  readonly process: SimProcess;
  readonly asked: Moment;
  /** When it had its first turn; later ones look whether it can end. */
  begun: Moment | null;
}

const NO_RESULT = { value: undefined };

export class SpanLog {
  readonly #machine: SimMachine;
  readonly #events: readonly TraceEvent[];
  readonly #pending = new Map<Operation, Pending>();
  readonly #spans: Span[] = [];

  constructor(machine: SimMachine, events: readonly TraceEvent[]) {
    this.#machine = machine;
    this.#events = events;
    const { scheduler } = machine;
    const execute = machine.execute.bind(machine);
    machine.execute = (process, operation, resolve, reject) => {
      this.#pending.set(operation, { process, asked: this.#now(0), begun: null });
      const over = <T>(settle: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          this.#ends(operation);
          settle(value);
        };
      };
      const pending = execute(process, operation, over(resolve), over(reject));
      return {
        cancel: () => {
          this.#pending.delete(operation);
          pending.cancel();
        },
      };
    };
    const { onEffect } = machine;
    // With two phases, the event comes before the result.
    machine.onEffect = (process, operation, outcome) => {
      this.#ends(operation);
      onEffect?.(process, operation, outcome);
    };
    const take = scheduler.take.bind(scheduler);
    scheduler.take = (parked) => {
      take(parked);
      const pending = this.#pending.get(parked.operation);
      // A step is over when the time that an operation takes has passed.
      if (pending !== undefined) pending.begun ??= this.#now(machine.operationUs);
    };
  }

  /** The next event is that of this operation. */
  #ends(operation: Operation): void {
    const pending = this.#pending.get(operation);
    this.#pending.delete(operation);
    const end = this.#events.length;
    if (pending !== undefined) this.#spans.push(...spansOf(pending, operation, end));
  }

  /** Sorted by when they began. Operations of processes that have ended are not waited for any more. */
  all(): readonly Span[] {
    const waiting = [...this.#pending]
      .filter(([, { process }]) => process.alive && process.acts)
      .flatMap(([operation, pending]) => spansOf(pending, operation, null));
    return [...this.#spans, ...waiting].sort((a, b) => a.from - b.from);
  }

  #now(moreUs: number): Moment {
    const { scheduler, nowUs } = this.#machine;
    return { step: scheduler.steps, atMs: (nowUs + moreUs) / 1000, from: this.#events.length };
  }
}

/** One span, or none if no other event came between. */
function spansOf(
  { process: { name }, asked, begun }: Pending,
  operation: Operation,
  end: number | null,
): Span[] {
  const isApart = begun !== null && (end === null || begun.from < end);
  const { step, atMs, from } = isApart ? begun : asked;
  if (end !== null && from >= end) return [];
  const event = operationEvent({ step, atMs, process: name }, operation, NO_RESULT);
  return [{ process: name, begun: event, from, end, sent: isApart }];
}
