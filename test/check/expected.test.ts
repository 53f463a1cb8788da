/** When a report is ok: what was expected has come true, and nothing else. */
import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { Isolation } from '../../src/check/isolation/isolation.ts';
import { compare } from '../../src/check/isolation/traced-run.ts';
import { ReportBuilder } from '../../src/check/report-builder.ts';
import { judgeNothingFound } from '../../src/check/verdict.ts';
import type { Program } from '../../src/ports/index.ts';
import { NO_COVERAGE } from '../../src/run/coverage.ts';
import { emptySchedule } from '../../src/run/index.ts';
import { always } from '../../src/scenario/index.ts';
import { scenarioOf } from './helpers.ts';

describe('a known bug', () => {
  const crashes: Program = () => Promise.reject(new Error('crash'));
  const says: Program = async ({ mark }) => mark('said');
  const said = (name: string) => always(name, ({ marks }) => (marks.has('said') ? 'it is' : null));
  const okOf = async (program: Program, violates?: string): Promise<boolean> => {
    const scenario = scenarioOf(
      { program },
      { expects: 'violation', invariants: [said('one'), said('other')], ...(violates && { violates }) },
    );
    return (await check(scenario, { seed: 1, runs: 5, isolation: false })).ok;
  };

  it('is found by a violation of any of the invariants', async () => {
    expect(await okOf(says)).toBe(true);
  });

  it('is not found by a crash', async () => {
    expect(await okOf(crashes)).toBe(false);
  });

  it('is found only by the invariant that it names', async () => {
    expect(await okOf(says, 'one')).toBe(true);
    expect(await okOf(says, 'other')).toBe(false);
  });
});

it('a search in which an invariant was never exercised is not ok, whatever may be omitted', () => {
  const exercised = [{ invariant: 'i', requires: 'r', optional: false, runs: 0 }];
  const judged = judgeNothingFound({ ...NO_COVERAGE, exercised }, 5, { expects: 'pass', allowOmitted: true });
  expect(judged).toMatchObject({ verdict: 'inconclusive', ok: false });
});

it('a search that was stopped before all its runs were made proves nothing', () => {
  const scenario = scenarioOf({ program: async () => {} });
  const builder = new ReportBuilder(scenario, new Isolation(scenario, { isolation: false }), 0);
  const verdictOf = (runs: number) => {
    builder.searched = { ...builder.searched, runs, started: [] };
    return builder.nothingFound({ seed: 1, runs: 5 }, runs < 5 ? 'the time was up' : null).verdict;
  };
  expect([verdictOf(4), verdictOf(5)]).toEqual(['inconclusive', 'passed']);
});

it('a violation that does not happen again is none', async () => {
  let runs = 0;
  // The first three runs are those from which the search learns how long runs are.
  const program: Program = async ({ mark }) => mark(++runs === 5 ? 'fifth' : 'other');
  const fifth = always('not the fifth', ({ marks }) => (marks.has('fifth') ? 'it is' : null));
  const scenario = scenarioOf({ program }, { invariants: [fifth] });
  const report = await check(scenario, { seed: 1, runs: 5, isolation: false });
  expect(report).toMatchObject({ verdict: 'nondeterministic', violations: [] });
});

it('two runs with equal traces differ if they violate different invariants', () => {
  const run = (invariant: string) => ({
    ...{ schedule: emptySchedule(), events: [], failure: { invariant, message: '' } },
  });
  expect(compare(run('one'), run('one'))).toBeNull();
  expect(compare(run('one'), run('other'))).toMatchObject({ difference: null });
});
