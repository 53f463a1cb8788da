/** What the invariants of a scenario say while a recorded run goes on. For display: a verdict is not made from it. */
import { hasHappened } from '../scenario/invariant.ts';
import type { Scenario } from '../scenario/options.ts';
import type { Observer } from './observer.ts';

/** `holds`: true so far; `open`: not true yet, or not reached yet; `reached`: a `sometimes` that was. */
export type InvariantState = 'holds' | 'open' | 'reached';

/** An invariant, with the number of events before each change of its state. */
export interface InvariantStates {
  readonly name: string;
  readonly kind: 'always' | 'eventually' | 'sometimes';
  readonly states: readonly (readonly [from: number, state: InvariantState])[];
}

export class InvariantLog {
  readonly #scenario: Scenario;
  readonly #states: [number, InvariantState][][];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#states = scenario.invariants.map(() => []);
  }

  /** @param events how many there were so far */
  look(world: Observer, events: number): void {
    const { invariants } = this.#scenario;
    for (const [i, invariant] of invariants.entries()) {
      const states = this.#states[i]!;
      const before = states.at(-1)?.[1];
      // A run ends with the first `always` that is violated, and a `sometimes` stays reached.
      if (before === 'reached' || (invariant.kind === 'always' && before === 'holds')) continue;
      const state = stateOf(invariant, world);
      if (state !== before) states.push([events, state]);
    }
  }

  all(): readonly InvariantStates[] {
    return this.#scenario.invariants.map(({ name, kind }, i) => ({ name, kind, states: this.#states[i]! }));
  }
}

function stateOf(invariant: Scenario['invariants'][number], world: Observer): InvariantState {
  if (invariant.kind === 'always') return 'holds';
  try {
    if (invariant.kind === 'sometimes') return hasHappened(invariant, world) ? 'reached' : 'open';
    // What an invariant remembers of this look must not be there at the end.
    return invariant.check(world.copy()) === null ? 'holds' : 'open';
  } catch {
    // It is meant for the end of a run; there, an exception is reported.
    return 'open';
  }
}
