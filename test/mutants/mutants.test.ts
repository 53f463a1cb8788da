import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL } from '../../src/systems/model/scenarios.ts';
import { Mutations } from './harness.ts';
import { MUTANTS, type Mutant } from './mutants.ts';

const SEED = 1;
/**
 * A mutant is caught in the first few runs of a scenario that is made for it, and in fewer than a hundred of one in which
 * faults strike. The rest is room for code that has changed.
 */
const RUNS = { found: 60, faults: 300 };

let mutations: Mutations;
beforeAll(() => {
  mutations = new Mutations(MUTANTS);
}, 60_000);
afterAll(() => mutations?.close(), 60_000);

/** What is violated, or never reached; null: nothing, the scenario passes. */
async function complaintOf(mutant: number | null, id: string, runs: number): Promise<string | null> {
  const { found, sometimes } = await mutations.search(mutant, id, { seed: SEED, runs });
  if (found !== null) return `run ${found.run}: ${found.failure.invariant}: ${found.failure.message}`;
  const unreached = Object.keys(sometimes).filter((name) => sometimes[name] === 0);
  return unreached.length === 0 ? null : `never reached: ${unreached.join(', ')}`;
}

function runsFor({ caughtBy, runs }: Mutant): number {
  return runs ?? (caughtBy.startsWith('model/found/') ? RUNS.found : RUNS.faults);
}

const runsOf = new Map<string, number>();
for (const mutant of MUTANTS)
  runsOf.set(mutant.caughtBy, Math.max(runsFor(mutant), runsOf.get(mutant.caughtBy) ?? 0));

describe('the list', () => {
  it('names each guard once', () => {
    const guards = MUTANTS.map(({ guard }) => guard);
    expect(guards.filter((guard, i) => guards.indexOf(guard) !== i)).toEqual([]);
  });

  it('names scenarios that there are', () => {
    const known = MODEL.map(({ id }) => id);
    expect([...runsOf.keys()].filter((id) => !known.includes(id))).toEqual([]);
  });
});

describe('the code as it is passes', { concurrent: true }, () => {
  it.for([...runsOf])('%s, in %i runs', async ([id, runs]) => {
    expect(await complaintOf(null, id, runs)).toBeNull();
  });
});

describe('a mutant without its guard is caught', { concurrent: true }, () => {
  it.for(MUTANTS.map((mutant, index) => [mutant.guard, mutant, index] as const))(
    '%s',
    async ([, mutant, index]) => {
      expect(await complaintOf(index, mutant.caughtBy, runsFor(mutant))).not.toBeNull();
    },
  );
});
