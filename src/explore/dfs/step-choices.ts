/** Makes the choices of a run step by step, as a search decides. */
import type { ChoiceKind, Choices } from '../../sim/index.ts';
import { type Decision, type InnerChoice, operation } from './decision.ts';

/** A choice as a token has it. */
export interface TakenChoice {
  readonly kind: ChoiceKind;
  readonly choice: number;
}

export class StepChoices implements Choices {
  /** What has been chosen within the step so far. */
  readonly inner: InnerChoice[] = [];
  /** How many faults there are to choose from, with the choice that none strikes; 1: none is left. */
  faults = 1;
  /** Time may pass before the next operation. */
  mayBeBusy = false;
  /** All choices of the step so far, in their order; `null`: they are not wanted. */
  taken: TakenChoice[] | null = null;
  /** Whether any fault may still strike in the run. */
  mayStrike: () => boolean = () => true;
  #decision: Decision = operation(0);
  #askedForFault = false;

  /** The next step is about to begin. */
  begin(decision: Decision): void {
    this.#decision = decision;
    this.inner.length = 0;
    this.faults = 1;
    this.mayBeBusy = false;
    this.#askedForFault = false;
    if (this.taken !== null) this.taken = [];
  }

  choose(n: number, kind: ChoiceKind): number {
    const choice = this.#choose(n, kind);
    this.taken?.push({ kind, choice });
    return choice;
  }

  #choose(n: number, kind: ChoiceKind): number {
    const { fault, busy, candidate } = this.#decision;
    switch (kind) {
      // What the scenario demands is always there.
      case 'absent':
        return 0;
      case 'schedule':
      case 'settle':
        return this.#expect(candidate, n, kind);
      case 'time':
        this.mayBeBusy = true;
        return busy ? 1 : 0;
      case 'fault':
        if (!this.mayStrike()) return 0;
        // A later one is between two synchronous calls of the step.
        if (this.#askedForFault) return this.#within(n, kind);
        this.#askedForFault = true;
        this.faults = n;
        return this.#expect(fault, n, kind);
      default:
        return this.#within(n, kind);
    }
  }

  #within(options: number, kind: ChoiceKind): number {
    const choice = this.#expect(this.#decision.inner[this.inner.length] ?? 0, options, kind);
    this.inner.push({ options, choice });
    return choice;
  }

  #expect(choice: number, n: number, kind: ChoiceKind): number {
    if (choice < n) return choice;
    throw new DivergenceError(`the search chose ${kind} ${choice} here before, now there are ${n} options`);
  }
}

/** A run that is made again has not gone the way that it went before. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}
