import { describe, expect, it } from 'vitest';
import { assertHolds, find, findCounterexample, violation } from './property.ts';

describe('metadata that is lost or torn', () => {
  it('the naive lock: a second owner beside the first', async () => {
    const naive = find('model/naive/lost-metadata');
    const schedule = await findCounterexample(naive, 'at most one owner');
    expect(await violation(naive, schedule)).toMatch(/^at most one owner: 2 owners at once/);
    expect(schedule.fault.filter((choice) => choice !== 0)).toHaveLength(1);
  });

  it('model/owner/lost-metadata: the claim is mended, or a fresh owner takes its place', async () => {
    await assertHolds(find('model/owner/lost-metadata'), { numRuns: 500 });
  });

  it('model/owner/self-release: owners that give up leave one that works', async () => {
    await assertHolds(find('model/owner/self-release'), { numRuns: 300 });
  });
});
