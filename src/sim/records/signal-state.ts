import type { Signal } from '../../ports/index.ts';
import { type Restore, saveList, saveMap } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';

/** Something that waits in a queue until it is woken. */
export interface Waiter {
  wake(outcome?: unknown): void;
}

/** What a process does about signals, and which have reached it. */
export class SignalState {
  /** `default`: Linux's, where Node's own is another. */
  readonly actions = new Map<Signal, 'ignore' | 'handle' | 'default'>();
  /** Of a stopped process: what it gets when it goes on. */
  readonly pending: Signal[] = [];
  /** Handled, and not yet given to a `sigwait`. */
  readonly queue: Signal[] = [];
  /** Parked `sigwait` operations, oldest first. */
  readonly waiters: Waiter[] = [];

  /** The process is stopped. A signal that is pending already is not queued twice. */
  pend(signal: Signal): void {
    if (!this.pending.includes(signal)) this.pending.push(signal);
  }

  save(): Restore {
    const parts = [
      saveMap(this.actions),
      saveList(this.pending),
      saveList(this.queue),
      saveList(this.waiters),
    ];
    return () => {
      for (const restore of parts) restore();
    };
  }

  visit(into: StateVisitor): void {
    into.data([...this.actions].sort());
    into.data(this.pending);
    into.data(this.queue);
  }
}
