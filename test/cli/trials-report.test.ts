// The trials of a system as text and as JSON.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { documentSchemas } from '../../src/cli/schemas.ts';
import { isGood, trialsJson, trialsText } from '../../src/cli/trials-report.ts';
import type { Table, TrialsResult } from '../../src/trials/index.ts';
import { resultWith, trialed } from '../trials/results.ts';

const table: Table = { system: 'mcporter', tcpPorts: [], rows: [], notes: ['macOS'] };
const run = { table, trials: 3, platform: 'linux', cpus: 2 };

const counted = (value: string, n: number, code: string) =>
  trialed({ value, fault: `${value} daemons`, survivors: n, orphans: n - 1, exitCodes: { [code]: 5 - n } });
const before = resultWith({}, [counted('3', 3, '1'), counted('3', 3, '1'), counted('2', 2, 'killed')]);
const after = resultWith(
  { document: '1 every trial', agrees: (value) => value === '1', expects: 'none' },
  [trialed(), trialed(), trialed()],
  { variant: 'after', row: before.row },
);
const BOTH: TrialsResult = { interrupted: false, results: [before, after] };

it('both variants are next to each other, and what differs from the document is named', () => {
  expect(isGood(BOTH)).toBe(true);
  expect(trialsText(BOTH, run).split('\n')).toEqual([
    'mcporter: 3 trials each, real processes on linux with 2 CPUs',
    '           document       here',
    '',
    'foreground-x5: 5 at once: daemons left',
    '  before   2 every trial  3 ×2, 2 ×1  ✓ a fault in 3 of 3, as expected  ≠',
    '           survivors 3 3 2 · orphans 2 2 1 · exit codes 1 ×4, killed ×3',
    '  after    1 every trial  1 ×3        ✓ no fault, as expected',
    '',
    '≠ foreground-x5 before: the document says 2 every trial, this machine 3 ×2, 2 ×1',
    'note: macOS',
  ]);
});

it('a fault after the fix is not as expected, and its reason is printed', () => {
  const broken = { ...after, trials: [trialed(), trialed({ value: '2', fault: 'two \u001b[31mdaemons' })] };
  const result = { interrupted: false, results: [broken] };
  expect(isGood(result)).toBe(false);
  const text = trialsText(result, run);
  expect(text).toContain('✗ a fault in 1 of 2  ≠\n           two \\x1b[31mdaemons');
});

it('an interruption leaves out what was not begun, and is not good', () => {
  const result = { interrupted: true, results: [before, { ...after, trials: [] }] };
  expect(isGood(result)).toBe(false);
  const text = trialsText(result, run);
  expect(text).not.toContain('  after ');
  expect(text).toMatch(/\ninterrupted: the trials so far; all processes were ended$/);
});

it('more than three values are cut short, and other numbers are printed as ranges', () => {
  const trials = [1, 2, 3, 4].map((n) =>
    trialed({ value: `${n}`, fault: 'x', numbers: { tookMs: n, same: 7 } }),
  );
  const text = trialsText({ interrupted: false, results: [{ ...before, trials }] }, run);
  expect(text).toContain('2 every trial  1 ×1, 2 ×1, 3 ×1, …  ✓');
  expect(text).toContain('\n           tookMs 1 to 4 · same 7\n');
});

it('another number of starts is named', () => {
  const result = {
    interrupted: false,
    results: [{ ...before, starts: 2, trials: [trialed({ value: '2' })] }],
  };
  expect(trialsText(result, run)).toContain(
    'daemons left (here 2 instead of 5)\n  before   2 every trial  2 ',
  );
});

it('the JSON document follows its schema, without other fields', () => {
  const unclear = resultWith({ document: null, expects: 'any' }, [trialed({ failed: true, fault: 'late' })], {
    starts: null,
  });
  const { agrees: _, ...of } = unclear.of;
  const json = trialsJson(
    { interrupted: true, results: [before, { ...after, trials: [] }, { ...unclear, of }] },
    run,
  );
  const validate = new Ajv2020({ allErrors: true }).compile(documentSchemas({ strict: true })['race.json']!);
  validate(JSON.parse(json));
  expect(validate.errors).toBeNull();
  expect(JSON.parse(json)).toMatchObject({
    ok: false,
    system: 'mcporter',
    rows: [
      {
        row: 'foreground-x5',
        variant: 'before',
        agrees: false,
        asExpected: true,
        trials: [{ value: '3', survivors: 3 }, {}, {}],
      },
      { variant: 'after', agrees: null, asExpected: null, trials: [] },
      { agrees: null, asExpected: false, trials: [{ failed: true, survivors: null }] },
    ],
  });
});
