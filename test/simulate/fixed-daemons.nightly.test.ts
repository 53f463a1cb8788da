// The fixed daemons pass thousands of runs.
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { commandScenario } from '../../src/simulate/index.ts';
import { commandOf, DAEMONS, daemonFile } from './daemons.ts';

describe.each(DAEMONS)('%s, fixed', (name) => {
  it('passes 5,000 runs with kills and stops', async () => {
    const scenario = commandScenario(await commandOf(daemonFile(`${name}.fixed`)));
    const { verdict, runs, violations } = await check(scenario, { seed: 1, runs: 5_000, isolation: false });
    expect(violations).toEqual([]);
    expect({ verdict, runs }).toEqual({ verdict: 'passed', runs: 5_000 });
  });
});
