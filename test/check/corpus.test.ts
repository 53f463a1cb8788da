import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/check/index.ts';
import { MISSING_PACKAGES, SCENARIOS } from '../../src/systems/index.ts';

interface Entry {
  readonly scenario: string;
  /** `null` for a fixed bug. */
  readonly invariant: string | null;
  readonly why: string;
  readonly token: string;
  readonly traceHash: string;
}

/** Recorded by `npm run corpus`. */
const corpus = JSON.parse(
  readFileSync(new URL('../../fixtures/tokens.json', import.meta.url), 'utf8'),
) as Entry[];
const scenarioOf = (id: string) => SCENARIOS.find((scenario) => scenario.id === id);
const known = corpus.filter(({ scenario }) => scenarioOf(scenario) !== undefined);

describe('the regression corpus', () => {
  it.each(known)('still shows $scenario: $token', async ({ token, invariant, traceHash }) => {
    const again = await replay(token, scenarioOf);
    expect(again).toMatchObject({ token, traceHash, misfit: null });
    expect(again.failure?.invariant ?? null).toBe(invariant);
  });

  it('has a token of each scenario that expects a violation', () => {
    const recorded = new Set(corpus.map(({ scenario }) => scenario));
    const missing = SCENARIOS.filter(({ id, expects }) => expects === 'violation' && !recorded.has(id));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('has tokens of scenarios that exist, though the package of some may not be installed', () => {
    const uninstalled = new Set(MISSING_PACKAGES.flatMap(({ scenarios }) => scenarios.map(({ id }) => id)));
    const unknown = corpus.filter((entry) => !known.includes(entry) && !uninstalled.has(entry.scenario));
    expect(unknown).toEqual([]);
  });

  it('has a reason for each token', () => {
    for (const { why } of corpus) expect(why).toMatch(/\w{3}/);
  });
});
