/** What a search of every schedule has shown if it has found no violation. */
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/index.ts';
import { type Findings, judge } from '../../src/explore/verdict.ts';
import { bounded, boundsOf, scenario } from '../../src/scenario/index.ts';

const NO_GAPS = { omitted: [], unexercised: [], unreached: [] };
const findings = (more: Partial<Findings>): Findings => ({
  ...{ expects: 'pass', reason: null, gaps: NO_GAPS, isExercised: true, isCut: false, allowOmitted: false },
  ...more,
});

describe('a search of every schedule', () => {
  it('that is complete has shown that nothing is violated', () => {
    expect(judge(findings({}))).toMatchObject({ verdict: 'passed', ok: true });
  });

  it('that was cut short has shown nothing', () => {
    const judged = judge(findings({ reason: 'the time was up' }));
    expect(judged).toMatchObject({ verdict: 'inconclusive', ok: false, reason: 'the time was up' });
  });

  it('with smaller bounds need not reach everything', () => {
    const gaps = { ...NO_GAPS, unreached: ['a takeover'] };
    expect(judge(findings({ gaps }))).toMatchObject({ verdict: 'inconclusive', ok: false });
    expect(judge(findings({ gaps, isCut: true }))).toMatchObject({ verdict: 'passed', ok: true });
  });

  it('with bounds that leave nothing to check has shown nothing', () => {
    const gaps = { ...NO_GAPS, unreached: ['an owner'] };
    const judged = judge(findings({ gaps, isCut: true, isExercised: false }));
    expect(judged).toMatchObject({ verdict: 'inconclusive', ok: false });
  });

  it('has omitted a start that began in no run, whatever its bounds', () => {
    const gaps = { ...NO_GAPS, omitted: ['late (start[1])'] };
    const judged = judge(findings({ gaps, isCut: true }));
    expect(judged).toMatchObject({ verdict: 'inconclusive', ok: false, omitted: ['late (start[1])'] });
  });

  it('says what it assumes of inode numbers', async () => {
    const whole = scenario({
      id: 'verdict/model/inodes',
      programs: { a: ({ fs }) => fs.writeFile('/a', '') },
      start: [{ program: 'a' }],
      invariants: [],
    });
    const { assumed } = await explore(bounded(whole, boundsOf(whole)), { isolation: false });
    expect(assumed).toContain('no inode number is used again');
    expect(assumed).toContain(
      'the order of inode numbers of files of different processes makes no difference',
    );
  });
});
