import { describe, expect, it } from 'vitest';
import { atMostOneOwner, check, replay, replaySchedule, search, shrink } from '../../src/check/index.ts';
import { hasCode, type Program } from '../../src/ports/index.ts';
import { NAIVE } from '../../src/systems/naive/scenarios.ts';
import { scenarioOf } from './helpers.ts';

const [coldStart] = NAIVE;

describe('shrinking', () => {
  it('makes two contenders and at most three switches of every cold start of the naive lock', async () => {
    for (let seed = 0; seed < 50; seed++) {
      const { found } = await search(coldStart!, { seed });
      const smallest = await shrink(coldStart!, found!.schedule, found!.failure);
      expect(smallest.cost.contenders).toBe(2);
      expect(smallest.cost.switches).toBeLessThanOrEqual(3);
      expect(smallest.cost.faults).toBe(0);
      const again = await replaySchedule(coldStart!, smallest.schedule);
      expect(again.verdict).toBe('violated');
      expect(again.failure).toEqual(smallest.failure);
      expect(again.cost).toEqual(smallest.cost);
      expect(again.misfit).toBeNull();
    }
  });

  /** Its lock expires while it is stopped: that alone is what it takes. */
  const lease: Program = async ({ fs, clock, mark }) => {
    for (;;) {
      try {
        await fs.writeFile('/lock', '', { flag: 'wx' });
        break;
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const { mtimeMs } = await fs.stat('/lock').catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if ((await clock.wallMs()) - mtimeMs > 1_000) await fs.unlink('/lock').catch(() => {});
      else await clock.sleep(200);
    }
    mark('own');
    await clock.sleep(500);
    mark('release');
    await fs.unlink('/lock').catch(() => {});
  };

  it('leaves of many faults the one that is needed', async () => {
    const scenario = scenarioOf(
      { lease },
      {
        start: [{ program: 'lease', count: 2 }],
        faults: { kill: 2, stop: { max: 3, forMs: [50, 1_500] }, 'pid-reuse': 2 },
        faultsForMs: 4_000,
        settleMs: 1_000,
        invariants: [atMostOneOwner],
      },
    );
    for (let seed = 0; seed < 5; seed++) {
      const report = await check(scenario, { seed });
      expect(report.verdict).toBe('violated');
      expect(report.violations[0]).toMatchObject({ faults: 1 });
      const again = await replay(report.violations[0]!.token, () => scenario);
      const faults = again.events.filter(({ op }) => op === 'fault');
      expect(faults.map(({ args }) => args.fault)).toEqual(['stop']);
      expect(faults[0]!.args.forMs).toBe(1_500);
    }
  });
});
