import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/index.ts';
import { bounded, type Scenario } from '../../src/scenario/index.ts';
import { SCENARIOS } from '../../src/systems/index.ts';
import { outcomes } from './outcomes.ts';

function find(id: string): Scenario {
  return SCENARIOS.find((scenario) => scenario.id === id)!;
}

describe('explore', () => {
  it("reaches the same outcomes of the model's lock with and without episodes, and tells fewer states apart", async () => {
    for (const bounds of [
      { crashes: 1, losses: 0 },
      { crashes: 0, losses: 1 },
    ]) {
      const small = bounded(find('model/lock/lost-files'), { contenders: 2, stops: 0, busyMs: 0, ...bounds });
      const [told, whole] = await Promise.all(
        [true, false].map((episodes) => outcomes(small, { preemptions: 2, episodes })),
      );
      expect(told!.found).toEqual(whole!.found);
      expect(told!.report.complete && whole!.report.complete).toBe(true);
      expect(told!.report.states).toBeLessThan(whole!.report.states);
    }
  }, 600_000);

  it("proves the model's lock: two contenders, one lost file anywhere, any number of preemptions", async () => {
    const bounds = { contenders: 2, crashes: 0, stops: 0, losses: 1, busyMs: 0 };
    const report = await explore(bounded(find('model/lock/lost-files'), bounds));
    expect(report).toMatchObject({ complete: true, verdict: 'passed', violations: [] });
    expect(report.states).toBeGreaterThan(10_000);
  });
});
