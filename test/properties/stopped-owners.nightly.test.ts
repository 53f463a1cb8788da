import { describe, expect, it } from 'vitest';
import { allHold, FEW, find, findCounterexample } from './property.ts';

describe('owners that are stopped', () => {
  it('the naive lock: a stopped owner holds it for ever, so there is no service', async () => {
    const naive = find('model/naive/stopped-owner');
    const { schedule, error } = await findCounterexample(naive, 'one survivor');
    expect(error.message).toMatch(/there is no survivor|is stopped/);
    expect(schedule.fault.filter((choice) => choice !== 0)).toHaveLength(1);
  });

  it.each(['model/lock/stopped-owner', 'model/owner/stopped-owner'])(
    '%s: stopped for a moment, past the lease, or for good: one owner in the end, never two',
    async (id) => {
      await allHold(find(id), { numRuns: FEW });
    },
  );
});
