import { describe, expect, it } from 'vitest';
import { runArbitrary } from '../../src/fast-check/index.ts';
import { allHold, allRunsHold, FEW, find, findCounterexample } from './property.ts';

describe('N starts at once', () => {
  it('the naive lock over a stale lock file: two owners', async () => {
    const { error } = await findCounterexample(find('model/naive/stale-lock'), 'at most one owner');
    expect(error.message).toMatch(/2 owners at once/);
  });

  it.each(['model/lock/cold-start', 'model/owner/cold-start'])(
    '%s: any schedule leaves one owner',
    async (id) => {
      await allHold(find(id), { numRuns: FEW });
    },
  );

  it('the model: any number of starts at any time, from one to twelve', async () => {
    await allRunsHold(runArbitrary(find('model/lock/cold-start'), { more: 8 }), { numRuns: FEW });
  });
});
