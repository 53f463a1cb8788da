/** How long a stop lasts where a scenario does not say. */
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/ports/index.ts';
import { bounded } from '../../src/scenario/bounds.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { runOnce, scenarioOf } from '../check/helpers.ts';

const polls: Program = async ({ clock }) => {
  for (;;) await clock.sleep(10);
};

/** Whether the process runs again at the end, by which choice of the length of its stop. */
async function statesOf(scenario: Scenario, lengths: readonly number[]): Promise<readonly string[]> {
  const states: string[] = [];
  for (const length of lengths) {
    const { run, failure } = await runOnce(scenario, { fault: [0, 1], target: [length] });
    expect(failure).toBeNull();
    expect(run.faults).toBe(1);
    states.push(run.machine.table.get(1001)!.state);
  }
  return states;
}

const DEFAULT = ['running', 'running', 'running', 'stopped'];

describe('a stop', () => {
  it('is for a moment, for longer, or for good', async () => {
    expect(await statesOf(scenarioOf({ polls }, { faults: { stop: 1 } }), [0, 1, 2, 3])).toEqual(DEFAULT);
    expect(await statesOf(scenarioOf({ polls }, { faults: { stop: { max: 1 } } }), [0, 1, 2, 3])).toEqual(
      DEFAULT,
    );
  });

  it('ends if the scenario says so', async () => {
    const ends = scenarioOf({ polls }, { faults: { stop: { max: 1, forMs: [50, 1_500, 20_000] } } });
    expect(await statesOf(ends, [0, 1, 2])).toEqual(['running', 'running', 'running']);
  });

  it('is the same within bounds, of a scenario with stops and of one without', async () => {
    const bounds = { contenders: 1, crashes: 0, stops: 1, losses: 0, busyMs: 0 };
    for (const faults of [{}, { stop: 1 }]) {
      const scenario = bounded(scenarioOf({ polls }, { faults }), bounds);
      expect(await statesOf(scenario, [0, 1, 2, 3])).toEqual(DEFAULT);
    }
  });
});
