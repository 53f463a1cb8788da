import { describe, expect, it } from 'vitest';
import { assertHolds, find, findCounterexample, violation } from './property.ts';

describe('owners that are stopped', () => {
  it('the naive lock: a stopped owner holds it for ever, and nobody serves', async () => {
    const naive = find('model/naive/stopped-owner');
    const schedule = await findCounterexample(naive, 'exactly one owner that serves');
    expect(await violation(naive, schedule)).toMatch(/^exactly one owner that serves: 0 owners serve/);
    expect(schedule.fault.filter((choice) => choice !== 0)).toHaveLength(1);
  });

  it.each(['model/lock/stopped-owner', 'model/owner/stopped-owner'])(
    '%s: stopped for a moment, past the lease, or for good: one owner in the end, never two',
    async (id) => {
      await assertHolds(find(id), { numRuns: 500 });
    },
  );
});
