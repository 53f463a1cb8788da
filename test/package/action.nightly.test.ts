// The GitHub Action of the package: its inputs, and its shell steps, run here as GitHub runs them. Also the workflow of this repository.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENT, project } from '../cli/run.ts';
import { act as actIn, action, ROOT, readYaml, type Step, script } from './action.ts';

const { steps } = action.runs;
const act = (cwd: string, inputs: Readonly<Record<string, string>>) => actIn(cwd, inputs, ENVIRONMENT);

function installed(): string {
  const cwd = project({
    'one-survivor.config.mjs': `export default { scenarios: ['violates.mjs', 'passes.mjs'] };\n`,
  });
  mkdirSync(join(cwd, 'node_modules/.bin'));
  symlinkSync('../one-survivor/dist/cli/main.js', join(cwd, 'node_modules/.bin/one-survivor'));
  return cwd;
}

describe('the action', () => {
  test('is composite, and has an environment variable for each input of its script', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run, shell, uses } of steps)
      expect(run === undefined ? uses : shell).toMatch(/^(?:actions\/|bash$)/);
    const used = [...JSON.stringify(action).matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name!);
    expect(new Set(used)).toEqual(new Set(Object.keys(action.inputs)));
    // An input in the script itself would be run as part of it.
    expect(script.run).not.toContain('${{');
  });

  test('uses the versions of actions that docs/ci.md uses, and the page lists its inputs', () => {
    const page = readFileSync(join(ROOT, 'docs/ci.md'), 'utf8');
    for (const { uses } of steps) if (uses !== undefined) expect(page).toContain(`uses: ${uses}\n`);
    const section = /^## The action\n([\s\S]*?)^## /m.exec(page)![1]!;
    for (const name of Object.keys(action.inputs))
      expect(section).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
  });

  test('fails as check does, with a report and recorded tokens to upload', async () => {
    const cwd = installed();
    const { code, text, outputs } = await act(cwd, { runs: '50', seed: '1' });
    expect(code, text).toBe(1);
    expect(outputs).toEqual({ 'exit-code': '1', artifact: 'one-survivor' });
    expect(text).toContain('fixture/broken/violates');
    expect(readFileSync(join(cwd, 'one-survivor-report/junit.xml'), 'utf8')).toContain('tests="2"');
    expect(existsSync(join(cwd, '.one-survivor'))).toBe(true);
  });

  test('takes scenarios, whose globs the shell does not expand', async () => {
    const cwd = installed();
    const { code, text } = await act(cwd, { scenarios: 'passes.mjs fixture/*/passes', budget: '5s' });
    expect(code, text).toBe(0);
    const wrong = await act(cwd, { scenarios: '$(touch owned);*' });
    expect(wrong.code).toBe(2);
    expect(existsSync(join(cwd, 'owned'))).toBe(false);
  });

  test('with a shard it writes a blob, and leaves the verdict to merge-reports', async () => {
    const cwd = installed();
    const shard = await act(cwd, { shard: '2/3', seed: '1', runs: '60' });
    expect(shard.code, shard.text).toBe(0);
    expect(shard.outputs).toEqual({ 'exit-code': '1', artifact: 'one-survivor-2' });
    expect(existsSync(join(cwd, 'one-survivor-report/shard-2.json'))).toBe(true);
    const wrong = await act(cwd, { shard: '4/3', seed: '1' });
    expect(wrong.code).toBe(2);
    const seedless = await act(cwd, { shard: '1/3' });
    expect(seedless).toMatchObject({ code: 2, outputs: { 'exit-code': '2' } });
    expect(seedless.text).toContain('got a shard without a seed');
  });
});

test('the workflow of this repository runs scripts that exist, on three systems', () => {
  const { jobs } = readYaml('.github/workflows/ci.yml') as {
    jobs: Record<string, { strategy?: { matrix: Record<string, unknown[]> }; steps: Step[] }>;
  };
  const { scripts, engines } = readYaml('package.json') as { scripts: object; engines: { node: string } };
  const { os, node } = jobs.systems!.strategy!.matrix;
  expect(os!.map((name) => String(name).split('-')[0])).toEqual(['ubuntu', 'macos', 'windows']);
  expect(engines.node).toMatch(new RegExp(`^>=${node![0]}\\.`));
  const nodes = readFileSync(join(ROOT, 'scripts/nodes.mjs'), 'utf8');
  expect(/VERSIONS = \[(.*)\]/.exec(nodes)![1]).toBe(node!.map((version) => `'${version}'`).join(', '));
  for (const { run } of Object.values(jobs).flatMap((job) => job.steps)) {
    const [, name] = /^npm run (\S+)/.exec(run ?? '') ?? [];
    if (name !== undefined) expect(scripts).toHaveProperty([name]);
    if (run?.startsWith('.ci/')) expect(existsSync(join(ROOT, run))).toBe(true);
  }
});
