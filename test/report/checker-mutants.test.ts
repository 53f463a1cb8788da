import { expect, it } from 'vitest';
import type { CheckerMutantResult } from '../../src/mutation/index.ts';
import { PLAIN } from '../../src/report/colors.ts';
import { checkerMutantsJson, checkerMutantsText, exitCodeOfMutants } from '../../src/report/index.ts';

const TEST = 'test/check/smaller.test.ts > shrinking > ends';
const result = (more: Partial<CheckerMutantResult>): CheckerMutantResult => ({
  ...{ mutant: 'shrink/it-ends', about: 'it ends', source: 'src/check/shrink.ts', test: TEST, seconds: 1.5 },
  ...{ killed: true, message: 'expected 1 to be 2' },
  ...more,
});
const killed = result({});
const survivor = result({ mutant: 'shrink/it-begins', killed: false, message: 'the test passes' });
const reportOf = (results: CheckerMutantResult[], left: string[] = []) => ({
  ...{ version: '1.2.3', results, left, interrupted: left.length > 0 },
});
const textOf = (...given: Parameters<typeof reportOf>) =>
  checkerMutantsText(reportOf(...given), { colors: PLAIN });

it('as JSON: which test kills a mutant, or why none does', () => {
  expect(JSON.parse(checkerMutantsJson(reportOf([killed, survivor])))).toEqual([
    {
      ...{
        guard: 'shrink/it-ends',
        about: 'it ends',
        file: 'src/check/shrink.ts',
        killed: true,
        seconds: 1.5,
      },
      ...{ by: { test: TEST, message: 'expected 1 to be 2' }, survives: null },
    },
    {
      ...{ guard: 'shrink/it-begins', about: 'it ends', file: 'src/check/shrink.ts', killed: false },
      ...{ by: null, survives: { test: TEST, why: 'the test passes' }, seconds: 1.5 },
    },
  ]);
});

it('as text, with survivors at the end', () => {
  expect(textOf([killed])).toContain('✓ all of 1 mutant killed');
  expect(textOf([killed, survivor])).toMatch(
    /✗ 1 of 2 mutants killed; shrink\/it-begins: no assertion failed$/,
  );
  expect(textOf([killed], ['shrink/it-begins'])).toMatch(
    /not tried: shrink\/it-begins\s+1 of 2 mutants tried\s+interrupted: results so far$/,
  );
});

it('with an exit code', () => {
  expect(exitCodeOfMutants(reportOf([killed]))).toBe(0);
  expect(exitCodeOfMutants(reportOf([killed, survivor]))).toBe(1);
  expect(exitCodeOfMutants(reportOf([killed], ['shrink/it-begins']))).toBe(130);
});
