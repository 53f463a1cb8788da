import { describe, expect, it } from 'vitest';
import { check } from '../../src/check/index.ts';
import { explore } from '../../src/explore/index.ts';
import { emptySchedule, NO_COVERAGE } from '../../src/run/index.ts';
import { always, ScenarioError, sometimes } from '../../src/scenario/index.ts';
import { describeThrown, naming, PassThrough, ThrownElsewhere, thrownOf } from '../../src/scenario/thrown.ts';
import { encodeToken } from '../../src/schedule/index.ts';
import { scenarioOf } from '../check/helpers.ts';

const withStack = (stack: string): Error => Object.assign(new TypeError('not so'), { stack });

describe('what was thrown', () => {
  it.each([
    ['TypeError: not so\n    at happened (file:///a%20b/x.mjs:3:7)', '/a b/x.mjs', 3],
    ['TypeError: not so\n    at file:///a/x.mjs:30:7\n    at next (/b/y.js:1:1)', '/a/x.mjs', 30],
    ['TypeError: not so\n    at async Promise.all (index 0)\n    at async /b/y.ts:12:1', '/b/y.ts', 12],
    ['TypeError: not so\n    at JSON.parse (<anonymous>)\n    at read (/b/y.js:4:9)', '/b/y.js', 4],
  ])('has a place: %j', (stack, file, line) => {
    expect(thrownOf(withStack(stack))).toEqual({ name: 'TypeError', message: 'not so', file, line });
  });

  it('has the place in the code that calls this package, if there is one', () => {
    const thrown = thrownOf(new RangeError('too far'));
    expect(thrown).toMatchObject({ file: import.meta.filename });
    const ours = `${import.meta.dirname.replace(/test\/scenario$/, 'src/scenario/world.ts')}:5:1`;
    expect(thrownOf(withStack(`TypeError: not so\n    at ${ours}\n    at /b/y.js:4:9`))).toMatchObject({
      file: '/b/y.js',
    });
    const inside = thrownOf(withStack(`TypeError: not so\n    at ${ours}`));
    expect(inside).toMatchObject({ file: null, stack: [`at ${ours}`] });
  });

  it('may be no error, and have no place', () => {
    expect(describeThrown(thrownOf('a text'))).toBe('a value: a text');
    expect(describeThrown(thrownOf(undefined))).toBe('a value: undefined');
    expect(describeThrown(thrownOf(withStack('')))).toBe('TypeError: not so');
  });

  it('keeps its place on the way from one thread to another', () => {
    const thrown = thrownOf(withStack('TypeError: not so\n    at /b/y.js:4:9'));
    expect(thrownOf(new ThrownElsewhere(thrown))).toBe(thrown);
    expect(() =>
      naming('a question', () => {
        throw new ThrownElsewhere(thrown);
      }),
    ).toThrow('not so, in a question');
  });
});

describe('a check that ends with an exception', () => {
  const idle = async () => 0;
  const broken = scenarioOf(
    { idle },
    {
      invariants: [
        sometimes('it is so', () => {
          throw new TypeError('no');
        }),
      ],
    },
  );

  it('is inconclusive, and says what was thrown and where', async () => {
    const report = await check(broken, { seed: 1 });
    expect(report).toMatchObject({ verdict: 'inconclusive', ok: false, violations: [] });
    expect(report.error).toMatchObject({
      name: 'TypeError',
      message: 'no, in sometimes "it is so"',
      file: import.meta.filename,
    });
    expect(report.reason).toBe(`the check threw ${describeThrown(report.error!)}`);
  });

  it('is so in explore too', async () => {
    const report = await explore(broken);
    expect(report).toMatchObject({ verdict: 'inconclusive', complete: false, error: { name: 'TypeError' } });
    expect(report.reason).toContain('the check threw TypeError');
  });

  it('says what was found before', async () => {
    const scenario = scenarioOf({ idle }, { invariants: [always('never', () => 'always')] });
    const schedule = { ...emptySchedule(), target: [2 ** 33] };
    const found = { failure: { invariant: 'never', message: 'always' }, schedule, run: 7 };
    const report = await check(scenario, {
      seed: 1,
      search: async () => ({
        ...{ runs: 7, steps: 7, found, ...NO_COVERAGE },
      }),
    });
    expect(report).toMatchObject({ verdict: 'inconclusive', runs: 7, error: { name: 'TokenError' } });
    expect(report.reason).toMatch(
      /^run 7 violated "never"; then the check threw TokenError: .* the choice 8589934592/,
    );
    expect(() => encodeToken(scenario, schedule)).toThrow();
  });

  it('leaves alone what ends it on purpose', async () => {
    const throwing = (error: Error) => check(broken, { seed: 1, search: () => Promise.reject(error) });
    await expect(throwing(new PassThrough('done'))).rejects.toThrow(PassThrough);
    await expect(throwing(new ScenarioError('no'))).rejects.toThrow(ScenarioError);
    await expect(check(broken, { seed: 1, shard: { index: 2, of: 1 } })).rejects.toThrow(RangeError);
  });
});
