// Of minimal pairs of programs explore must reach what plain enumeration reaches.
import { describe, expect, it } from 'vitest';
import { outcomesOf, PAIRS } from './pairs.ts';
import { SINGLE_CELLS } from './single-cells.ts';

describe('an order that makes a difference because of', () => {
  it.each(PAIRS.map((pair) => [pair[0], pair] as const))('%s is not left out', async (_, pair) => {
    const all = await outcomesOf(pair, false);
    const some = await outcomesOf(pair, true);
    for (const { report } of [all, some]) expect([report.complete, report.violations]).toEqual([true, []]);
    expect(all.found.length).toBeGreaterThanOrEqual(pair[3]?.outcomes ?? 2);
    expect(some.found).toEqual(all.found);
    // It would prove nothing if states were not compared.
    expect(some.report.states).toBeGreaterThan(0);
  });

  it.each(SINGLE_CELLS.map((pair) => [pair[0], pair] as const))(
    '%s alone is not left out',
    async (_, pair) => {
      const all = await outcomesOf(pair, false);
      const some = await outcomesOf(pair, true);
      expect(all.found.length).toBeGreaterThan(1);
      expect(toldBy(some)).toEqual(toldBy(all));
    },
  );
});

/** A search ends at its first violation. */
function toldBy({ found, report: { complete, violations } }: Awaited<ReturnType<typeof outcomesOf>>) {
  return violations.length > 0 ? violations.map(({ invariant }) => invariant) : { found, complete };
}
