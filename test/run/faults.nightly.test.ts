import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { type Scenario, scenario } from '../../src/scenario/index.ts';
import { FAULTS } from '../../src/sim/index.ts';
import { FAULT_SCENARIOS } from '../../src/systems/faults/index.ts';

const RUNS = 500;

function find(id: string): Scenario {
  return FAULT_SCENARIOS.find((candidate) => candidate.id === id)!;
}

describe.each(Object.keys(FAULTS))('the fault %s', (fault) => {
  const unguarded = find(`faults/unguarded/${fault}`);
  const guarded = find(`faults/guarded/${fault}`);

  it('breaks a daemon that lacks the guard, by itself', async () => {
    const { ok, violations } = await check(unguarded, { seed: 1, runs: RUNS });
    expect(ok).toBe(true);
    expect(Object.keys(unguarded.faults)).toEqual([fault]);
    expect(violations[0]!.faults).toBeGreaterThan(0);
  });

  it('and nothing else does: without it that daemon is sound', async () => {
    const { hash: _, programs, ...rest } = unguarded;
    const faultless = scenario({
      ...rest,
      programs: Object.fromEntries(programs),
      faults: {},
      expects: 'pass',
    });
    expect(await check(faultless, { seed: 1, runs: 100 })).toMatchObject({ verdict: 'passed' });
  });

  it('does not break the twin that has the guard', async () => {
    expect(await check(guarded, { seed: 1, runs: RUNS })).toMatchObject({
      verdict: 'passed',
      violations: [],
    });
  });
});
