/** Runs of openchrome's scenarios in the dull order, for tests of what happens in them. */
import { expect } from 'vitest';
import type { Scenario } from '../../src/scenario/index.ts';
import { OPENCHROME } from '../../src/systems/openchrome/scenarios.ts';
import { type Member, scenarioOf } from '../../src/systems/vocabulary/index.ts';
import { type Ran, runOnce } from '../check/helpers.ts';

export function find(id: string): Scenario {
  return OPENCHROME.find((candidate) => candidate.id === `openchrome/${id}`)!;
}

/** A run of a family's member in the dull order, which must not fail. */
export async function dull(family: Member, member: Member): Promise<Ran> {
  // What each family always checks is not what these tests are about.
  const ran = await runOnce(scenarioOf('test/test/test', { ...family, invariants: [] }, member));
  expect(ran.failure).toBeNull();
  return ran;
}
