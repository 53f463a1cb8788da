import { describe, expect, it } from 'vitest';
import { check, DEFAULT_RUNS, replay, search } from '../../src/check/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';

const SEED = 1;
/** A script that does not find whom it is about must not crash, or a check with some seed fails. */
const OTHER_SEEDS = 25;
const RUNS_OF_OTHERS = 4;

export interface VerdictOptions {
  /** Of what passes: enough to reach all that must be reached, unless said otherwise. The whole check makes 1,000. */
  runs: number;
  reachesAll?: boolean;
  /** Makes what is found as small as can be, and has it again by its token: that takes ten times as long as to find it. */
  shrinks?: boolean;
  /** Whether the bugs of `before` say what would mend them; else it is the fix that `after` is made of. */
  remedyOfBefore?: boolean;
}

/** The tests of every system: each scenario ends as it says and says what it must, each variant is what it is called. */
export function testVerdicts(
  system: string,
  scenarios: readonly Scenario[],
  { runs, reachesAll = true, shrinks = false, remedyOfBefore = true }: VerdictOptions,
): void {
  const of = (variant: string): Scenario[] =>
    scenarios.filter(({ id }) => id.startsWith(`${system}/${variant}/`));

  describe.each(scenarios.map((scenario) => [scenario.id, scenario] as const))('%s', (id, scenario) => {
    if (scenario.expects === 'pass') {
      it('passes', async () => {
        const { found, sometimes } = await search(scenario, { seed: SEED, runs });
        expect(found).toBeNull();
        if (reachesAll) expect(Object.entries(sometimes).filter(([, times]) => times === 0)).toEqual([]);
      });
    } else {
      it(`is found: ${scenario.violates}`, async () => {
        if (shrinks) await isFoundAgain(scenario);
        else expect(await firstFailure(scenario)).toBe(scenario.violates);
      });

      it('and no other violation first, regardless of which process is left out', async () => {
        for (let seed = 1; seed <= OTHER_SEEDS; seed++) {
          const { found } = await search(scenario, { seed: seed * 104_729, runs: RUNS_OF_OTHERS });
          expect(found?.failure.invariant ?? scenario.violates, found?.failure.message).toBe(
            scenario.violates,
          );
        }
      });
    }

    it('has a description, and a remedy for each known bug', () => {
      expect(scenario.about).not.toBe('');
      if (remedyOfBefore || !id.startsWith(`${system}/before/`))
        expect(scenario.remedy !== '').toBe(scenario.expects === 'violation');
    });
  });

  it(`${system}: each variant exists, and the findings differ`, () => {
    const variants = ['before', 'partly', 'after', 'ours'].flatMap(of);
    expect(scenarios.length).toBe(variants.length);
    expect(of('partly').filter(({ expects }) => expects === 'pass')).toEqual([]);
    expect(new Set(of('before').map(({ expects }) => expects))).toEqual(new Set(['violation']));
    expect(new Set(of('after').map(({ expects }) => expects))).toEqual(new Set(['violation', 'pass']));
    expect(new Set(of('ours').map(({ expects }) => expects))).toEqual(new Set(['pass']));
    const findings = of('after').filter(({ expects }) => expects === 'violation');
    expect(new Set(findings.map(({ about }) => about)).size).toBe(findings.length);
  });
}

async function firstFailure(scenario: Scenario): Promise<string | undefined> {
  const { found } = await search(scenario, { seed: SEED, runs: DEFAULT_RUNS });
  return found?.failure.invariant;
}

async function isFoundAgain(scenario: Scenario): Promise<void> {
  const report = await check(scenario, { seed: SEED, runs: DEFAULT_RUNS });
  expect(report).toMatchObject({ verdict: 'violated', ok: true });
  expect(report.violations[0]!.invariant).toBe(scenario.violates);
  const again = await replay(report.violations[0]!.token, () => scenario);
  expect(again.failure?.invariant).toBe(scenario.violates);
}
