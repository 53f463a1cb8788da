import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { scenario } from '../../src/scenario/index.ts';
import { PROPER_LOCKFILE } from '../../src/systems/packages/proper-lockfile.ts';

describe('proper-lockfile', () => {
  const late = PROPER_LOCKFILE.find(({ id }) => id.endsWith('/late-stat'))!;
  const { hash: _, programs, machine, ...rest } = late;
  const { twoPhase, ...onePhase } = machine;
  const prompt = scenario({ ...rest, programs: Object.fromEntries(programs), machine: onePhase });

  it('robs a healthy owner when the result of a stat is late, and only then', async () => {
    expect(twoPhase).toEqual(['stat']);
    expect(await check(late, { seed: 1, runs: 1_000 })).toMatchObject({ ok: true, verdict: 'violated' });
    expect(await check(prompt, { seed: 1, runs: 200 })).toMatchObject({ ok: false, verdict: 'passed' });
  });
});
