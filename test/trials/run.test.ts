// What trials amount to: as expected or not, how often each value was measured, and what the tables have.
import { describe, expect, it } from 'vitest';
import {
  distributionOf,
  isAsExpected,
  type RowResult,
  SYSTEMS,
  tableOf,
  VARIANTS,
} from '../../src/trials/index.ts';
import { resultWith, trialed } from './results.ts';

describe('a row', () => {
  const fault = trialed({ fault: 'two daemons' });
  const failed = trialed({ failed: true, fault: 'not within 120 s' });

  it.each<[RowResult['of']['expects'], RowResult['trials'], boolean | null]>([
    ['none', [trialed(), trialed()], true],
    ['none', [trialed(), fault], false],
    ['fault', [trialed(), fault], true],
    ['fault', [trialed()], false],
    ['any', [trialed()], true],
    ['any', [fault], true],
    // It shows nothing, so it is not the fault that was to be seen.
    ['fault', [fault, failed], false],
    ['any', [failed], false],
    ['fault', [], null],
  ])('that expects %s', (expects, trials, expected) => {
    expect(isAsExpected(resultWith({ expects }, trials))).toBe(expected);
  });

  it('has a distribution, the most frequent value first', () => {
    const trials = ['2', '3', '3'].map((value) => trialed({ value }));
    expect([...distributionOf({ trials })]).toEqual([
      ['3', 2],
      ['2', 1],
    ]);
  });
});

describe.each(SYSTEMS)('the table of %s', (system) => {
  it('has rows with names of their own, and programs for their variants', async () => {
    const { rows, system: name } = await tableOf(system);
    expect(name).toBe(system);
    const names = rows.map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { variants } of rows)
      for (const of of Object.values(variants)) expect(Object.keys(of.programs)).not.toEqual([]);
  });

  it('has all variants, and shows a fault before, and none after', async () => {
    const { rows } = await tableOf(system);
    for (const variant of VARIANTS)
      expect(rows.some(({ variants }) => variants[variant] !== undefined)).toBe(true);
    expect(rows.some(({ variants }) => variants.before?.expects === 'fault')).toBe(true);
    for (const { variants } of rows) {
      expect(variants.after?.expects ?? 'none').not.toBe('fault');
      expect(variants.ours?.expects ?? 'none').toBe('none');
    }
  });
});
