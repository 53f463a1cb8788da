// The plan of a storm: the seed gives it, and it has all that was asked for.
import { describe, expect, it } from 'vitest';
import { STORM_FAULTS, whyNot } from '../../src/storm/faults.ts';
import { describeRound, type PlanOptions, planOf } from '../../src/storm/plan.ts';

const OPTIONS: PlanOptions = { seed: 7, rounds: 10, starts: 4, faults: ['kill', 'stop'] };

describe('a plan', () => {
  it('is the same 10 of 10 times for a seed, and another one for another seed', () => {
    const first = JSON.stringify(planOf(OPTIONS));
    for (let i = 0; i < 10; i++) expect(JSON.stringify(planOf(OPTIONS))).toBe(first);
    const others = Array.from({ length: 10 }, (_, i) => JSON.stringify(planOf({ ...OPTIONS, seed: i })));
    expect(new Set(others).size).toBe(10);
  });

  it('has each fault once in each round, and nothing else', () => {
    for (const { episodes } of planOf(OPTIONS)) {
      const struck = episodes.flatMap(({ strikes }) => strikes.map(({ fault }) => fault));
      expect(struck.sort()).toEqual(['kill', 'stop']);
    }
    const none = planOf({ ...OPTIONS, faults: [] });
    expect(none.flatMap(({ episodes }) => episodes.flatMap(({ strikes }) => strikes))).toEqual([]);
  });

  it('has every variant of a fault within some rounds, and one long stop in five', () => {
    const strikes = planOf(OPTIONS).flatMap(({ episodes }) => episodes.flatMap((each) => each.strikes));
    for (const fault of ['kill', 'stop'] as const) {
      const variants = strikes
        .filter((each) => each.fault === fault)
        .map((each) => `${each.moment} ${each.victim}`);
      expect(new Set(variants)).toEqual(new Set(['settled owner', 'starting owner', 'starting start']));
    }
    expect(strikes.filter(({ length }) => length === 'long')).toHaveLength(2);
  });

  it('races all starts with delays and in slices in each round, and never more than all', () => {
    for (const { episodes } of planOf(OPTIONS)) {
      expect(episodes[0]!.race).toMatchObject({ kind: 'delays', starts: 4 });
      expect(episodes[1]!.race).toMatchObject({ kind: 'slices', starts: 4 });
      const races = episodes.flatMap(({ race, strikes }) => [race, ...strikes.map((strike) => strike.race)]);
      for (const { starts } of races) {
        expect(starts).toBeGreaterThan(0);
        expect(starts).toBeLessThanOrEqual(4);
      }
    }
  });

  it('is described in words', () => {
    const [first] = planOf({ ...OPTIONS, rounds: 1, faults: ['kill', 'lose-state'] });
    const texts = describeRound(first!);
    expect(texts[0]).toMatch(/^4 starts with delays/);
    expect(texts.at(-1)).toMatch(/; then kill (?:the owner|a start)/);
    expect(texts.at(-1)).toContain('; then lose-state, ');
  });
});

describe('a fault that cannot strike here', () => {
  const all = { isolation: { pid: true, net: true, files: true }, faketime: '/lib/x.so', knowsPort: true };

  it('is said, with what it needs', () => {
    for (const fault of STORM_FAULTS) expect(whyNot(fault, all)).toBeNull();
    const isolation = { pid: false, net: false, files: false };
    expect(whyNot('pid-reuse', { ...all, isolation })).toContain('PID namespace');
    expect(whyNot('clock-jump', { ...all, faketime: null })).toContain('libfaketime is not installed');
    expect(whyNot('port-grab', { ...all, knowsPort: false })).toContain('--owner tcp:PORT');
    expect(whyNot('kill', { isolation, faketime: null, knowsPort: false })).toBeNull();
  });
});
