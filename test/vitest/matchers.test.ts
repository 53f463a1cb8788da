// The matchers of one-survivor/vitest: what passes, what fails, and what the message says.
import { describe, expect, it } from 'vitest';
import { check, replay } from '../../src/check/index.ts';
import type { Program } from '../../src/ports/index.ts';
import { atMostOneOwner, oneSurvivor, scenario } from '../../src/scenario/index.ts';
import { quietRun, raceMatchers } from '../../src/vitest/index.ts';

const REPORT = { seed: 1, runs: 40 } as const;

/** Claims by a file: `wx` admits one of them, `w` all. */
const daemon: Program = async ({ fs, clock, mark }, [flag = 'wx']) => {
  try {
    await fs.writeFile('/tmp/lock', 'x', { flag });
  } catch {
    return 1;
  }
  mark('own');
  for (;;) await clock.sleep(1_000);
};

const of = (flag: string) =>
  scenario({
    id: `fixture/matchers/${flag}`,
    programs: { daemon },
    start: [{ program: 'daemon', argv: [flag], count: 2 }],
    machine: { files: { '/tmp': null } },
    invariants: [atMostOneOwner, oneSurvivor()],
  });

const one = await check(of('wx'), REPORT);
const two = await check(of('w'), REPORT);
const quiet = await quietRun(of('wx'));
const both = await replay(two.violations[0]!.token, () => of('w'));

/** The message with which it fails. */
function messageOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it has not failed');
}

describe('a report of check', () => {
  it('that has passed with one process left in each run', () => {
    expect(one.survivors).toEqual({ least: 1, most: 1 });
    expect(one).toHaveOneSurvivor();
    expect(one).toHavePassed();
    expect(one).not.toHaveViolated();
    expect(messageOf(() => expect(one).toHaveViolated('at most one owner'))).toBe(
      'expected to have violated "at most one owner": fixture/matchers/wx is passed',
    );
    expect(messageOf(() => expect(one).not.toHaveOneSurvivor())).toBe(
      'expected not to have one survivor: at the end of a run, 1 were left',
    );
  });

  it('that is violated: the message has the violation and its token', () => {
    expect(two).toHaveViolated();
    expect(two).toHaveViolated('at most one owner');
    expect(two).toHaveViolated(/owner/);
    expect(two).not.toHaveViolated('one survivor');
    const message = messageOf(() => expect(two).toHaveOneSurvivor());
    expect(message).toMatch(
      /^expected to have one survivor: fixture\/matchers\/w is violated\n {2}at most one owner: 2 owners at once.*\n {2}token: os1:/,
    );
    expect(messageOf(() => expect(two).toHavePassed())).toContain('is violated\n');
  });

  it('that has passed, but left none, two, or an unknown number', () => {
    const with_ = (survivors?: { least: number; most: number }) => ({ ...one, survivors });
    expect(with_({ least: 0, most: 1 })).not.toHaveOneSurvivor();
    expect(messageOf(() => expect(with_({ least: 1, most: 2 })).toHaveOneSurvivor())).toContain(
      '1 to 2 were left',
    );
    expect(messageOf(() => expect(with_()).toHaveOneSurvivor())).toContain('it must be that of check');
    expect({ ...one, verdict: 'inconclusive' as const, reason: 'nothing ran' }).not.toHaveOneSurvivor();
  });
});

describe('a replay and its events', () => {
  it('with one process left, and one owner', () => {
    for (const judged of [quiet, quiet.events]) {
      expect(judged).toHaveOneSurvivor();
      expect(judged).toHaveAtMostOneOwner();
    }
    expect(quiet).toHavePassed();
    expect(quiet.events.slice(0, -1).filter(({ op }) => op !== 'end')).not.toHaveOneSurvivor();
  });

  it('with two owners', () => {
    expect(both).toHaveViolated('at most one owner');
    expect(both).not.toHaveOneSurvivor();
    expect(messageOf(() => expect(both).toHaveAtMostOneOwner())).toBe(
      'expected to have at most one owner at a time: 2 owners at once',
    );
    expect(messageOf(() => expect(both).toHavePassed())).toMatch(
      /is violated\n {2}at most one owner: .*\n {2}token: os1:/,
    );
  });
});

it('anything else is refused, also with not: a promise, a number, a report for owners', () => {
  const promise = Promise.resolve(one);
  expect(() => expect(promise).not.toHaveOneSurvivor()).toThrow(
    /a promise: await it; accepted: the report of check/,
  );
  expect(() => expect(1).not.toHavePassed()).toThrow(
    'toHavePassed: got 1; accepted: the report of check or explore, or ',
  );
  expect(() => expect(one).toHaveAtMostOneOwner()).toThrow(
    'accepted: what replay or quietRun resolves to, or the events',
  );
  expect(() => expect([1]).toHaveOneSurvivor()).toThrow(TypeError);
  expect(Object.keys(raceMatchers)).toHaveLength(4);
});
