// States with the same fingerprint go on in the same way: they have the same operations to choose from, and each of these
// comes to the same state. A field that is no part of the fingerprint but makes a difference is found here.
import { expect, it } from 'vitest';
import { operation } from '../../../src/explore/dfs/decision.ts';
import { inMacrotask } from '../../../src/host/index.ts';
import type { Scenario } from '../../../src/scenario/index.ts';
import { AccessLog, CellTable } from '../../../src/sim/index.ts';
import { LOCKS, MODELS, randomNumbers, runThroughStates } from './walks.ts';

const WALKS = 25;
const MOST_STEPS = 60;

/** What was seen on walks from the first state of a scenario. */
class Walks {
  readonly differences = new Set<string>();
  /** How often a walk came to a state and did there what was done there before, but had come to it by another way. */
  compared = 0;
  readonly #run;
  /** For each state, what there is to choose from, and what was seen of each choice. */
  readonly #states = new Map<string, { readonly choices: string; readonly seen: Map<string, Seen> }>();

  constructor(scenario: Scenario) {
    this.#run = runThroughStates(scenario, new AccessLog(new CellTable()));
  }

  go(seed: number): void {
    const next = randomNumbers(seed);
    const back = this.#run.saveAll()!;
    let way = '';
    for (let step = 0; step < MOST_STEPS && this.#run.failure === null; step++) {
      const choices = this.#choices();
      const chosen = choices.length === 0 ? 0 : next() % choices.length;
      const name = choices[chosen] ?? 'time';
      const state = this.#stateWith(choices);
      const { happened } = this.#run.execute(operation(chosen));
      if (this.#run.refusal !== null) break;
      const result = happened ? this.#name() : 'the end';
      this.#compare(state, name, { result, way });
      if (!happened) break;
      way += `${name}; `;
    }
    back();
  }

  #stateWith(choices: readonly string[]): Map<string, Seen> {
    const name = this.#name();
    const all = [...choices].sort().join();
    const known = this.#states.get(name);
    if (known === undefined) {
      const seen = new Map<string, Seen>();
      this.#states.set(name, { choices: all, seen });
      return seen;
    }
    if (known.choices !== all) this.differences.add(`${known.choices} and ${all} in the same state`);
    return known.seen;
  }

  #compare(seen: Map<string, Seen>, choice: string, now: Seen): void {
    const before = seen.get(choice);
    if (before === undefined) seen.set(choice, now);
    else if (before.way !== now.way) {
      this.compared++;
      if (before.result !== now.result)
        this.differences.add(
          `${choice} comes to something else after "${before.way}" than after "${now.way}"`,
        );
    }
  }

  /** The operations that can be chosen, by what they are: their order depends on which process ran last. */
  #choices(): string[] {
    const { scheduler } = this.#run.machine;
    const counts = new Map<string, number>();
    return Array.from({ length: scheduler.count() }, (_, i) => {
      const { process, operation } = scheduler.candidate(i);
      const name = `${process.name} ${JSON.stringify(operation)}`;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return `${name} ${count}`;
    });
  }

  #name(): string {
    return JSON.stringify(this.#run.fingerprint());
  }
}

interface Seen {
  readonly result: string;
  /** By which operations the walk came there. */
  readonly way: string;
}

it.each([MODELS, LOCKS])(
  '%s go on in the same way from states with the same fingerprint',
  async (_, scenarios) => {
    const differences = new Set<string>();
    let compared = 0;
    for (const scenario of scenarios) {
      await inMacrotask(() => {
        const walks = new Walks(scenario);
        for (let i = 0; i < WALKS; i++) walks.go(1 + i * 7_919);
        compared += walks.compared;
        for (const difference of walks.differences) differences.add(`${difference}, in ${scenario.id}`);
      });
    }
    expect([...differences]).toEqual([]);
    expect(compared).toBeGreaterThan(1_000);
  },
  120_000,
);
