import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { criticalOf, replay } from '../src/check/index.ts';
import { evidenceOf, findingsList, findingsPage } from '../src/report/index.ts';
import { SCENARIOS, SYSTEMS } from '../src/systems/index.ts';

const ROOT = join(import.meta.dirname, '..');

interface Recorded {
  readonly scenario: string;
  readonly invariant: string | null;
  readonly token: string;
}

const corpus: readonly Recorded[] = JSON.parse(readFileSync(join(ROOT, 'fixtures/tokens.json'), 'utf8'));
const bugs = SYSTEMS.flatMap((system) =>
  SCENARIOS.filter(({ id, expects }) => expects === 'violation' && id.startsWith(`${system}/`)),
);
const of = (system: string, variant: string) =>
  bugs.filter(({ id }) => id.startsWith(`${system}/${variant}/`));

describe('the findings', () => {
  it('are listed in docs/findings.md as their scenarios describe them: npm run findings', async () => {
    await expect(findingsList(bugs, SYSTEMS)).toMatchFileSnapshot(join(ROOT, 'docs/findings.md'));
  });

  it('are one row each in docs/findings.md', () => {
    const rows = readFileSync(join(ROOT, 'docs/findings.md'), 'utf8').match(/^\| `/gm);
    expect(rows).toHaveLength(bugs.length);
  });

  it.each(SYSTEMS)('the README counts those of %s', (system) => {
    const row = readFileSync(join(ROOT, 'README.md'), 'utf8').match(new RegExp(`^\\| ${system} \\|.*$`, 'm'));
    const [, id, , fixed, open] = row![0].split(' | ');
    expect(bugs.map((bug) => bug.id)).toContain(`${system}/before/${id!.replaceAll('`', '')}`);
    expect([fixed, open]).toEqual([`${of(system, 'before').length}`, `${of(system, 'after').length} |`]);
  });

  it.each(SYSTEMS)('%s has scenarios before and after its fixes, and on our protocol', (system) => {
    for (const variant of ['before', 'after', 'ours']) {
      const own = SCENARIOS.filter(({ id }) => id.startsWith(`${system}/${variant}/`));
      expect(own.length, variant).toBeGreaterThan(1);
      if (variant === 'before') expect(own.every(({ expects }) => expects === 'violation')).toBe(true);
      if (variant === 'ours') expect(own.every(({ expects }) => expects === 'pass')).toBe(true);
    }
  });

  it('that are still open name a remedy', () => {
    const without = bugs.filter(({ id, remedy }) => id.includes('/after/') && remedy === '');
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  // That the tokens still show these invariants: test/check/corpus.test.ts.
  it.each(bugs)('the token of $id shows the invariant that the scenario is about', ({ id, ...scenario }) => {
    const recorded = corpus.filter((entry) => entry.scenario === id);
    const accepted = scenario.violates ?? scenario.invariants.map(({ name }) => name);
    expect(recorded).not.toEqual([]);
    for (const { invariant } of recorded) expect([accepted].flat()).toContain(invariant);
  });

  it('are shown step by step by npm run docs:build', async () => {
    const scenario = of('mcporter', 'after')[0]!;
    const { token } = corpus.find((entry) => entry.scenario === scenario.id)!;
    const run = await replay(token, () => scenario);
    const finding = { scenario, evidence: evidenceOf(run, await criticalOf(run)), cost: run.cost };
    const page = findingsPage([finding], ['mcporter']);
    expect(page).toContain(
      `- mcporter: [late-close](#mcporterafterlate-close)\n\n## mcporter\n\n### ${scenario.id}\n`,
    );
    expect(page).toContain(`Violated: *${run.failure!.invariant}* (${run.cost.contenders} processes, `);
    expect(page).toContain('✗ not true at the end: ');
    expect(page).toContain(`Again: \`npx one-survivor replay ${token}\`\n\nRemedy: `);
  });
});
