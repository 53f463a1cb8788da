import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { criticalOf, replay } from '../src/check/index.ts';
import { evidenceOf, type Finding, findingsPage, findingsTable } from '../src/report/index.ts';
import { SCENARIOS, SYSTEMS } from '../src/systems/index.ts';

const ROOT = join(import.meta.dirname, '..');

interface Recorded {
  readonly scenario: string;
  readonly token: string;
}

const corpus: readonly Recorded[] = JSON.parse(readFileSync(join(ROOT, 'fixtures/tokens.json'), 'utf8'));
const known = SCENARIOS.filter(({ expects }) => expects === 'violation');
const ofSystems = SYSTEMS.flatMap((system) => known.filter(({ id }) => id.startsWith(`${system}/`)));

describe('the findings', () => {
  const findings: Finding[] = [];

  beforeAll(async () => {
    for (const scenario of ofSystems) {
      const { token } = corpus.find((entry) => entry.scenario === scenario.id)!;
      const again = await replay(token, () => scenario);
      findings.push({ scenario, evidence: evidenceOf(again, await criticalOf(again)), cost: again.cost });
    }
  }, 120_000);

  it('are on their page as their tokens replay: npm run findings makes no difference', () => {
    const after = findings.filter(({ scenario }) => scenario.id.includes('/after/'));
    expect(readFileSync(join(ROOT, 'docs/findings.md'), 'utf8')).toBe(findingsPage(after, SYSTEMS));
  });

  it('are in the table of the README, as far as they have been mended', () => {
    const before = findings.filter(({ scenario }) => scenario.id.includes('/before/'));
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(findingsTable(before));
  });

  it.each(SYSTEMS)('%s has a before, an after, and ours', (system) => {
    for (const variant of ['before', 'after', 'ours']) {
      const own = SCENARIOS.filter(({ id }) => id.startsWith(`${system}/${variant}/`));
      expect(own.length, variant).toBeGreaterThan(1);
      if (variant === 'before') expect(own.every(({ expects }) => expects === 'violation')).toBe(true);
      if (variant === 'ours') expect(own.every(({ expects }) => expects === 'pass')).toBe(true);
    }
  });

  it('say what would mend them', () => {
    const without = ofSystems.filter(({ id, remedy }) => id.includes('/after/') && remedy === '');
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it('violate what they are there for', () => {
    for (const { scenario, evidence } of findings) {
      const { violates, invariants } = SCENARIOS.find(({ id }) => id === scenario.id)!;
      if (violates === undefined) expect(invariants.map(({ name }) => name)).toContain(evidence.invariant);
      else expect(evidence.invariant, scenario.id).toBe(violates);
    }
  });
});
