import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenario } from '../../src/scenario/index.ts';
import { scheduleArbitrary } from '../../src/schedule/arbitrary.ts';
import { assertHolds, deviations, find, findCounterexample, violation } from './property.ts';

describe('N starts at once', () => {
  it('the naive lock: two owners, by a schedule that fast-check finds and shrinks', async () => {
    const naive = find('model/naive/cold-start');
    const schedule = await findCounterexample(naive, 'at most one owner');
    expect(deviations(schedule)).toBeLessThanOrEqual(6);
    expect(await violation(naive, schedule)).toMatch(/^at most one owner: 2 owners at once/);
  });

  it('the naive lock over a stale lock file: two owners', async () => {
    const naive = find('model/naive/stale-lock');
    expect(await violation(naive, await findCounterexample(naive, 'at most one owner'))).not.toBeNull();
  });

  it.each(['model/lock/cold-start', 'model/owner/cold-start'])(
    '%s: any schedule leaves one owner',
    async (id) => {
      await assertHolds(find(id), { numRuns: 500 });
    },
  );

  it('the model: any number of starts, from two to twelve', async () => {
    const { programs, start, ...rest } = find('model/lock/cold-start');
    const [first, ...others] = start;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 12 }), scheduleArbitrary(), async (count, schedule) => {
        const many = scenario({
          ...withoutHash(rest),
          id: `model/lock/of-${count}`,
          programs: Object.fromEntries(programs),
          start: [{ ...first!, count }, ...others],
        });
        expect(await violation(many, schedule)).toBeNull();
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

function withoutHash<T extends { hash: string }>({ hash: _, ...rest }: T): Omit<T, 'hash'> {
  return rest;
}
