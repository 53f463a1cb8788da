import type { Operation, OperationName, Reject, Resolve } from '../../ports/index.ts';
import type { Restore } from '../base/snapshot.ts';
import { cancelTimer, type Timer } from '../base/timer-heap.ts';
import type { Waiter } from './signal-state.ts';

/** An operation that has been asked for, and how far it has come. */
export abstract class OperationState<Name extends OperationName = OperationName> implements Waiter {
  readonly operation: Operation<Name>;
  readonly resolve: Resolve;
  readonly reject: Reject;
  /** Grows with the time at which operations of a run are asked for. */
  readonly sequence: number;
  /** Which of its process's operations it is, counted from 0. */
  readonly ordinal: number;
  /** `waiting` for an event, `runnable` when the scheduler may let it happen. */
  state: 'waiting' | 'runnable' | 'settled' = 'runnable';
  timer: Timer | null = null;
  /** What a waiting operation has come to, once it is runnable again. */
  outcome: unknown = undefined;
  /** The queue it stands in. */
  #queue: Waiter[] | null = null;

  constructor(
    operation: Operation<Name>,
    resolve: Resolve,
    reject: Reject,
    sequence: number,
    ordinal: number,
  ) {
    this.operation = operation;
    this.resolve = resolve;
    this.reject = reject;
    this.sequence = sequence;
    this.ordinal = ordinal;
  }

  save(): Restore {
    const { state, timer, outcome } = this;
    const queue = this.#queue;
    return () => {
      this.state = state;
      this.timer = timer;
      this.outcome = outcome;
      this.#queue = queue;
    };
  }

  abstract wake(outcome?: unknown): void;

  /** Waits in a queue until it is woken. */
  enqueue(queue: Waiter[]): void {
    queue.push(this);
    this.#queue = queue;
  }

  /** It leaves its queue, and its timer does not fire any more. */
  protected leave(): void {
    if (this.timer !== null) cancelTimer(this.timer);
    if (this.#queue === null) return;
    const at = this.#queue.indexOf(this);
    if (at >= 0) this.#queue.splice(at, 1);
    this.#queue = null;
  }
}
