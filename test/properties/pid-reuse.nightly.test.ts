import { describe, expect, it } from 'vitest';
import { allHold, FEW, find, findCounterexample } from './property.ts';

describe('reused PIDs', () => {
  it('the naive lock: mistakes an unrelated process for the owner, for ever', async () => {
    const naive = find('model/naive/pid-reuse');
    const { error } = await findCounterexample(naive, 'one survivor');
    expect(error.message).toMatch(/there is no survivor/);
  });

  it.each(['model/lock/pid-reuse', 'model/owner/pid-reuse'])(
    '%s: the owner is known for dead, and no stranger is signalled',
    async (id) => {
      await allHold(find(id), { numRuns: FEW });
    },
  );
});
