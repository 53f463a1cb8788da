import { describe, expect, it } from 'vitest';
import { allHold, FEW, find, findCounterexample } from './property.ts';

describe('metadata that is lost or torn', () => {
  it('the naive lock: two owners', async () => {
    const naive = find('model/naive/lost-metadata');
    const { schedule, error } = await findCounterexample(naive, 'at most one owner');
    expect(error.message).toMatch(/2 owners at once/);
    expect(schedule.fault.filter((choice) => choice !== 0)).toHaveLength(1);
  });

  it('model/owner/lost-metadata: the claim is repaired, or a new owner takes over', async () => {
    await allHold(find('model/owner/lost-metadata'), { numRuns: FEW });
  });

  it('model/owner/self-release: owners that give up leave one that works', async () => {
    await allHold(find('model/owner/self-release'), { numRuns: FEW });
  });
});
