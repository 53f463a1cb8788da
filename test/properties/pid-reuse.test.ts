import { describe, expect, it } from 'vitest';
import { assertHolds, find, findCounterexample, violation } from './property.ts';

describe('PIDs that are borne again', () => {
  it('the naive lock: takes a stranger for the owner, for ever', async () => {
    const naive = find('model/naive/pid-reuse');
    const schedule = await findCounterexample(naive, 'exactly one owner that serves');
    expect(await violation(naive, schedule)).toMatch(/^exactly one owner that serves: 0 owners serve/);
  });

  it.each(['model/lock/pid-reuse', 'model/owner/pid-reuse'])(
    '%s: the owner is known for dead, and no stranger is signalled',
    async (id) => {
      await assertHolds(find(id), { numRuns: 500 });
    },
  );
});
