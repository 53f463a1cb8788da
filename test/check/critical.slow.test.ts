import { expect, it } from 'vitest';
import { check, replay } from '../../src/check/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';

const KNOWN = SCENARIOS.filter(
  ({ id }) => id.startsWith('model/naive/') || id.startsWith('faults/unguarded/'),
);

function find(id: string): Scenario {
  return SCENARIOS.find((scenario) => scenario.id === id)!;
}

it('the critical swap decides indeed, and most known bugs have one', async () => {
  let found = 0;
  for (const scenario of KNOWN) {
    const { violations } = await check(scenario, { seed: 3, runs: 3_000 });
    const { critical, token, invariant } = violations[0]!;
    expect((await replay(token, find)).failure?.invariant).toBe(invariant);
    if (critical === null) continue;
    expect((await replay(critical.passing, find)).failure).toBeNull();
    found++;
  }
  // Every start is there to the end, so that more of them need more than one pair: 18 of 26.
  expect(found).toBeGreaterThan(KNOWN.length * 0.65);
});
