// Of minimal pairs of programs explore must reach what plain enumeration reaches.
import { describe, expect, it } from 'vitest';
import { outcomesOf, PAIRS } from './pairs.ts';

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
});
