/** One state on the way from the beginning of a run to where the search is: which transitions it still has to explore. */
import { type AccessNumber, NO_ACCESS } from '../reduction/accesses.ts';
import type { Composer } from '../reduction/compose.ts';
import type { PersistentSet } from '../reduction/persistent-set.ts';
import type { Summary } from '../reduction/summary.ts';
import { BUSY, type Decision, fault, nextInner, operation } from './decision.ts';
import type { ReachedState } from './state.ts';
import type { Explored, Transition } from './transition.ts';

export interface FrameContext {
  /** `null`: all transitions are explored. */
  readonly persistentSet: PersistentSet | null;
  /** `null`: nothing has to be known of what happens below. */
  readonly composer: Composer | null;
  /** How often another process may go on although the last could. */
  readonly maxPreemptions: number;
  /** What decides whether time may pass. */
  readonly busyTime: AccessNumber;
}

export class Frame {
  readonly state: ReachedState;
  /** What led here; `null` at the beginning. */
  readonly from: { readonly decision: Decision; readonly transition: Transition } | null;
  /** The transition that is being explored. */
  decision: Decision | null = null;
  /** What happens below, once all is explored. `null`: not known. */
  summary: Summary | null = null;
  readonly #context: FrameContext;
  readonly #decisions: Generator<Decision, Summary | null, Explored>;
  #hasBegun = false;
  /** How many faults there are to choose from. */
  #faults = 1;
  #mayBeBusy = false;

  constructor(state: ReachedState, from: Frame['from'], context: FrameContext) {
    this.state = state;
    this.from = from;
    this.#context = context;
    this.#decisions = this.#explore();
  }

  /** The next transition to explore. `null`: there is none left, and {@link summary} is set. */
  next(explored: Explored | null): Decision | null {
    if (this.#hasBegun === (explored === null)) throw new TypeError('a frame goes on from what was explored');
    // What is passed to a generator that has not begun is dropped.
    this.#hasBegun = true;
    const { done, value } = this.#decisions.next(explored as Explored);
    if (done) this.summary = value;
    this.decision = done ? null : value;
    return this.decision;
  }

  *#explore(): Generator<Decision, Summary | null, Explored> {
    const { candidates, processes } = this.state;
    const { persistentSet, composer } = this.#context;
    const explored: Explored[] = [];
    const rest = new Set(candidates.keys());
    for (const process of persistentSet === null ? [] : this.#preferred()) {
      rest.delete(process);
      const own = yield* this.#operationsOf(process);
      explored.push(...own);
      if (persistentSet!.isEnough(this.state, process, own, this.#faults))
        return composer!.reduced(own, processes, process, this.#blocked);
    }
    for (const process of rest) explored.push(...(yield* this.#operationsOf(process)));
    if (candidates.size === 0) explored.push(...(yield* this.#alternatives(operation(0))));
    else if (this.#mayBeBusy) explored.push(...(yield* this.#alternatives(BUSY)));
    for (let number = 1; number < this.#faults; number++) {
      if (this.state.isLeft[number - 1]) explored.push(...(yield* this.#alternatives(fault(number))));
    }
    // With time left that may pass at any moment, it might pass here too while some process could go on.
    const onlyIdle = candidates.size === 0 && !this.state.mayBeBusyLater;
    return composer?.all(explored, processes, onlyIdle, this.#blocked) ?? null;
  }

  /** Why time may not pass although it might at another time. */
  get #blocked(): AccessNumber {
    return this.#mayBeBusy || !this.state.mayBeBusyLater ? NO_ACCESS : this.#context.busyTime;
  }

  /** Within a bound on preemptions only the process that goes on may go alone: any other would cost one, now or later. */
  #preferred(): readonly number[] {
    const { candidates, last } = this.state;
    if (this.#context.maxPreemptions === Number.POSITIVE_INFINITY) return [...candidates.keys()];
    return last === null ? [] : [last];
  }

  *#operationsOf(process: number): Generator<Decision, Explored[], Explored> {
    const { candidates, last, preemptions } = this.state;
    const isPreemption = last !== null && process !== last;
    const all: Explored[] = [];
    if (isPreemption && preemptions >= this.#context.maxPreemptions) return all;
    for (const candidate of candidates.get(process)!) {
      all.push(...(yield* this.#alternatives(operation(candidate))));
    }
    return all;
  }

  /** All that a transition may come to: its target, what the machine leaves open. */
  *#alternatives(first: Decision): Generator<Decision, Explored[], Explored> {
    const all: Explored[] = [];
    for (let inner: readonly number[] | null = first.inner; inner !== null; ) {
      const one: Explored = yield { ...first, inner };
      all.push(one);
      const { transition } = one;
      this.#faults = Math.max(this.#faults, transition.faults);
      this.#mayBeBusy ||= transition.mayBeBusy;
      inner = nextInner(transition.inner);
    }
    return all;
  }
}
