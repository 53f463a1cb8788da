// The documents for CI systems follow the schemas that the authors of their formats publish.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import Ajv4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { type CheckReport, ctrf, sarif } from '../../src/report/index.ts';
import { PASSED, reportWith, scenarioWith } from './evidence.ts';

const MODULES = join(import.meta.dirname, '../../node_modules');
const read = (path: string) => JSON.parse(readFileSync(join(MODULES, path), 'utf8'));
const OPTIONS = { strict: false, allErrors: true };

// A pattern of its schema is only valid without the flag u.
const isSarif = (() => {
  const ajv = new Ajv4.default({ ...OPTIONS, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.compile(read('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));
})();
const isCtrf = (() => {
  const ajv = new Ajv(OPTIONS);
  addFormats.default(ajv);
  return ajv.compile(read('ctrf/dist/ctrf-schema-0.0.json'));
})();

const TIMES = { startMs: 1_000.25, stopMs: 2_500.5 };
const unsure = scenarioWith({
  ...{ id: 'a/b/unsure', verdict: 'inconclusive', reason: 'never reached: a takeover' },
  ...{ evidence: [], violations: [], source: { file: 'races/of mine#1.mjs', line: 7 } },
});
const hostile = scenarioWith({
  ...{ id: 'a/b/\u001b[31m', verdict: 'inconclusive', reason: 'it threw \u202e', from: 'races/a.mjs' },
  ...{
    evidence: [],
    violations: [],
    error: { name: 'RangeError', message: '\u001b', file: null, line: null },
  },
});
const broken = scenarioWith({ ...hostile, id: 'broken.mjs', from: 'broken.mjs' });
const notFound = { ...PASSED, id: 'a/b/fixed', expects: 'violation' as const, ok: false };
const REPORTS: Record<string, CheckReport> = {
  everything: reportWith({
    scenarios: [scenarioWith(), PASSED, unsure, hostile, broken, notFound],
    left: ['x/y/z'],
  }),
  'nothing bad': reportWith({ scenarios: [PASSED] }),
  nothing: reportWith({ scenarios: [], interrupted: true }),
};

describe.each(Object.entries(REPORTS))('%s', (_, report) => {
  it('is valid SARIF', () => {
    isSarif(JSON.parse(sarif(report)));
    expect(isSarif.errors).toBeNull();
  });

  it('is valid CTRF', () => {
    isCtrf(JSON.parse(ctrf(report, TIMES)));
    expect(isCtrf.errors).toBeNull();
  });
});

it('the schemas refuse what does not follow them', () => {
  const { runs } = JSON.parse(sarif(REPORTS.everything!));
  expect(isSarif({ version: '2.1.0', runs: [{ ...runs[0], results: [{ level: 'bad' }] }] })).toBe(false);
  const { results, ...rest } = JSON.parse(ctrf(REPORTS.everything!, TIMES));
  expect(
    isCtrf({ ...rest, results: { ...results, tests: [{ name: 'x', status: 'bad', duration: 1 }] } }),
  ).toBe(false);
});

it('SARIF has a result for what is not as expected, where it is declared, and how to replay it', () => {
  const { runs } = JSON.parse(sarif(REPORTS.everything!));
  const { results, tool } = runs[0];
  expect(results).toHaveLength(5);
  expect(results[0]).toMatchObject({ ruleId: 'at most one owner', ruleIndex: 0, level: 'error' });
  expect(results[0].message.text).toMatch(/\nagain: npx one-survivor replay os1:/);
  expect(results[1]).toMatchObject({
    level: 'warning',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'races/of%20mine%231.mjs' },
          region: { startLine: 7 },
        },
      },
    ],
  });
  for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
  expect(JSON.stringify(runs)).not.toMatch(/\\u001b|\u202e/);
});

it('CTRF counts each scenario once, and those that were left out', () => {
  const { results } = JSON.parse(ctrf(REPORTS.everything!, TIMES));
  expect(results.summary).toMatchObject({
    tests: 7,
    passed: 1,
    failed: 2,
    other: 3,
    skipped: 1,
    start: 1_000,
    stop: 2_501,
  });
  expect(results.tests[0]).toMatchObject({
    name: 'cold-start',
    suite: ['model', 'naive'],
    status: 'failed',
    extra: { tokens: [expect.stringMatching(/^os1:/)] },
  });
  expect(results.tests[0].trace).toContain('npx one-survivor replay os1:');
});
