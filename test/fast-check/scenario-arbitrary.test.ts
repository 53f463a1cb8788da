import { describe, expect, it } from 'vitest';
import { assertHolds, runArbitrary, scenarioArbitrary } from '../../src/fast-check/index.ts';
import { isScenario, type Scenario } from '../../src/scenario/index.ts';
import fc from '../fc.ts';
import { find } from '../properties/property.ts';

const base = find('model/owner/lost-metadata');
const FILES = { '/run/one/gen-1': ['', 'garbage'], '/run/one/litter': [null] };

const samples = (variety = {}): readonly Scenario[] =>
  fc.sample(scenarioArbitrary(base, variety), { seed: 1, numRuns: 200 });
const distinct = (values: readonly unknown[]): number =>
  new Set(values.map((value) => JSON.stringify(value))).size;

describe('scenarios like a given one', () => {
  it('have its programs and invariants', () => {
    for (const like of samples()) {
      expect(isScenario(like)).toBe(true);
      expect(like.programs).toEqual(base.programs);
      expect(like.invariants).toBe(base.invariants);
    }
  });

  it('have other numbers of processes and other start times', () => {
    const entries = samples({ more: 2 }).map(({ start }) => start);
    const [together, later, after] = [0, 1, 2].map((i) => entries.map((start) => start[i]!));
    expect(new Set(together!.map(({ count }) => count))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(distinct(later!.map(({ atMs }) => atMs))).toBeGreaterThan(20);
    for (const { atMs = 0 } of [...together!, ...later!]) expect(atMs).toBeLessThanOrEqual(base.faultsForMs);
    // So that one contender comes after the faults.
    for (const entry of after!) expect(entry).toBe(base.start[2]);
  });

  it('have some of its faults, each with its settings', () => {
    const plans = samples().map(({ faults }) => faults);
    for (const plan of plans)
      for (const [name, settings] of Object.entries(plan))
        expect(settings).toBe(base.faults[name as keyof typeof plan]);
    // Each of the five is there or not.
    expect(distinct(plans)).toBe(2 ** Object.keys(base.faults).length);
  });

  it('have some of other faults, if these are given', () => {
    const plans = samples({ faults: { reboot: 1 } }).map(({ faults }) => faults);
    expect(new Set(plans.map((plan) => JSON.stringify(plan)))).toEqual(new Set(['{}', '{"reboot":1}']));
  });

  it('have some of the files', () => {
    const files = samples({ files: FILES }).map(({ machine }) => machine.files);
    // Three for the one, two for the other.
    expect(distinct(files)).toBe(6);
  });

  it('are printed as what they differ in', () => {
    const [like] = fc.sample(scenarioArbitrary(base, { files: FILES }), { seed: 3, numRuns: 1 });
    expect(fc.stringify(like)).toMatch(/^model\/owner\/lost-metadata with \{"start":\[\{"program":"daemon",/);
  });

  it('find what no schedule of the given one can show', async () => {
    // Alone it holds: two are needed.
    const naive = find('model/naive/cold-start');
    const alone = fc.sample(scenarioArbitrary(naive, { more: 0 }), { seed: 1, numRuns: 50 });
    expect(alone.some(({ start }) => start[0]!.count === 1)).toBe(true);
    const details = await fc.check(
      fc.asyncProperty(runArbitrary(naive), ({ scenario, schedule }) => assertHolds(scenario, schedule)),
      { seed: 1, numRuns: 300, endOnFailure: true },
    );
    expect(details.failed).toBe(true);
    const [{ scenario }] = details.counterexample!;
    expect(scenario.start.reduce((sum, { count = 1 }) => sum + count, 0)).toBeGreaterThan(1);
  });
});
