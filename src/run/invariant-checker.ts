/** Checks the invariants of a scenario. */
import { nameAndMessageOf } from '../ports/message-of.ts';
import type { Always, Eventually, Invariant } from '../scenario/invariant.ts';
import type { Scenario } from '../scenario/options.ts';
import { placeOfError } from '../scenario/source-location.ts';
import type { World } from '../scenario/world.ts';

/** A violated invariant. */
export interface Violated {
  readonly invariant: string;
  readonly message: string;
  /** Where it threw; `null` if it did not, or if the file is unknown. */
  readonly at: string | null;
}

interface ByTime {
  readonly everyStep: readonly Always[];
  readonly onChange: readonly Always[];
  readonly atEnd: readonly Eventually[];
}

const known = new WeakMap<Scenario, ByTime>();

export class InvariantChecker {
  readonly #invariants: ByTime;
  #asking: string | null = null;

  constructor(scenario: Scenario) {
    this.#invariants = byTimeOf(scenario);
  }

  /** The invariant that is being checked: not `null` while one has not returned. */
  get asking(): string | null {
    return this.#asking;
  }

  /** @returns the first that is violated, or `null` */
  check(when: keyof ByTime, world: World): Violated | null {
    for (const invariant of this.#invariants[when]) {
      const violated = this.#ask(invariant, world);
      if (violated !== null) return violated;
    }
    return null;
  }

  /** An invariant that throws counts as violated, so that there is a run that shows why. */
  #ask({ name, check }: Always | Eventually, world: World): Violated | null {
    let complaint: unknown;
    this.#asking = name;
    try {
      complaint = check(world);
    } catch (error) {
      this.#asking = null;
      const message = `the invariant itself has failed: ${nameAndMessageOf(error)}`;
      return { invariant: name, message, at: placeOfError(error) };
    }
    this.#asking = null;
    if (complaint === null) return null;
    if (typeof complaint === 'string') return { invariant: name, message: complaint, at: null };
    const hint = complaint === undefined ? '. Is a return missing?' : '';
    const got = nameAndMessageOf(complaint);
    return {
      invariant: name,
      message: `the invariant returned ${got}: expected a string or null${hint}`,
      at: null,
    };
  }
}

function byTimeOf(scenario: Scenario): ByTime {
  let byTime = known.get(scenario);
  if (byTime === undefined) {
    const always = scenario.invariants.filter(isAlways);
    byTime = {
      everyStep: always.filter(({ when }) => when === 'step'),
      onChange: always.filter(({ when }) => when === 'change'),
      atEnd: scenario.invariants.filter((invariant) => invariant.kind === 'eventually'),
    };
    known.set(scenario, byTime);
  }
  return byTime;
}

function isAlways(invariant: Invariant): invariant is Always {
  return invariant.kind === 'always';
}
