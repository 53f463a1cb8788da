import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtPackage } from '../cli/build.ts';
import { ENVIRONMENT, project } from '../cli/run.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly 'runs-on': string;
  readonly 'timeout-minutes'?: number;
  readonly needs?: string;
  readonly if?: string;
  readonly strategy?: { readonly 'fail-fast': boolean; readonly matrix: { readonly shard: number[] } };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const MAIN = join(await builtPackage(), 'dist/cli/main.js');
const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/ci.md'), 'utf8');
const SOURCE = /^```yaml races\.yml\n([\s\S]*?)^```$/m.exec(PAGE)![1]!;
const workflow = parse(SOURCE, { strict: true, uniqueKeys: true }) as Workflow;
const jobs = Object.entries(workflow.jobs);
const steps = jobs.flatMap(([, job]) => job.steps);
const commands = steps.flatMap(({ run }) => run ?? []);

/** Of each action the inputs that it takes, of those that we use. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'actions/checkout': [],
  'actions/setup-node': ['node-version', 'cache'],
  'actions/upload-artifact': ['name', 'path', 'if-no-files-found', 'retention-days'],
  'actions/download-artifact': ['name', 'pattern', 'path', 'merge-multiple'],
};
const EXPRESSIONS = ['github.run_number', 'matrix.shard', '!cancelled()'];

describe('the workflow to copy', () => {
  test('is a valid workflow that requests only read permission', () => {
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'jobs']);
    const events = Object.keys(workflow.on);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect(['pull_request', 'push', 'schedule']).toContain(event);
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  test.each(jobs)('job %s runs somewhere, not for ever, after jobs that exist', (_, job) => {
    const known = ['needs', 'if', 'runs-on', 'timeout-minutes', 'strategy', 'steps'];
    expect(Object.keys(job).filter((key) => !known.includes(key))).toEqual([]);
    expect(job['runs-on']).toBe('ubuntu-latest');
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    if (job.needs !== undefined) expect(Object.keys(workflow.jobs)).toContain(job.needs);
    expect(job.steps.length).toBeGreaterThan(0);
    expect(job.steps[0]!.uses).toMatch(/^actions\/checkout@/);
  });

  test('each step is a command, or an action with inputs that it takes', () => {
    for (const step of steps) {
      const known = ['uses', 'run', 'if', 'with'];
      expect(Object.keys(step).filter((key) => !known.includes(key))).toEqual([]);
      expect(Number(step.uses !== undefined) + Number(step.run !== undefined)).toBe(1);
      if (step.uses === undefined) continue;
      const [, name = '', version] = /^([\w/-]+)@v(\d+)$/.exec(step.uses) ?? [];
      expect(Object.keys(ACTIONS), step.uses).toContain(name);
      expect(Number(version)).toBeGreaterThan(0);
      for (const input of Object.keys(step.with ?? {})) expect(ACTIONS[name], step.uses).toContain(input);
    }
  });

  test('every expression is one that GitHub knows, and none brings foreign text into a command', () => {
    const used = [...SOURCE.matchAll(/\$\{\{(.*?)\}\}/g)].map(([, expression]) => expression!.trim());
    expect(used.length).toBeGreaterThan(0);
    for (const expression of used) expect(EXPRESSIONS).toContain(expression);
  });

  test('the matrix has all the parts that the shards divide the runs into', () => {
    const { matrix } = workflow.jobs.check!.strategy!;
    const [, parts] = /--shard \S+ \S+ \S+\/(\d+)|--shard \$\{\{ matrix\.shard \}\}\/(\d+)/
      .exec(commands.join('\n'))!
      .filter(Boolean);
    expect(matrix.shard).toEqual(Array.from({ length: Number(parts) }, (_, i) => i + 1));
  });

  test('what one job uploads the other downloads', () => {
    const uploaded = String(inputsOf('check', 'upload-artifact')?.name);
    const { pattern, path } = inputsOf('report', 'download-artifact')!;
    expect(uploaded.replace(/\$\{\{.*?\}\}/, '1')).toMatch(
      new RegExp(`^${String(pattern).replace('*', '.*')}$`),
    );
    expect(commands.at(-1)).toContain(`merge-reports ${String(path)} `);
  });
});

test('the job that init writes takes the same versions of the same actions', () => {
  const job = readFileSync(resolve(import.meta.dirname, '../../examples/own-lock/one-survivor.yml'), 'utf8');
  const written = parse(job, { strict: true, uniqueKeys: true }) as Workflow;
  const used = Object.values(written.jobs).flatMap((each) => each.steps.flatMap(({ uses }) => uses ?? []));
  expect(used.length).toBeGreaterThan(0);
  for (const action of used) expect(steps.map(({ uses }) => uses)).toContain(action);
  expect(written.permissions).toEqual({ contents: 'read' });
});

test('the workflow does what it promises: no shard fails for what another may find, the last job judges the whole', async () => {
  const cwd = project({
    'one-survivor.config.mjs': `export default { scenarios: ['violates.mjs', 'rare.mjs', 'passes.mjs'] };\n`,
  });
  const [check, merge] = commands.filter((command) => command.startsWith('npx one-survivor'));
  for (const shard of workflow.jobs.check!.strategy!.matrix.shard) {
    const summary = join(cwd, `summary-${shard}.md`);
    writeFileSync(summary, '');
    const ended = await bash(cwd, check!.replace('--runs 20000', '--runs 400'), shard, summary);
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stdout).toBe('');
    expect(readFileSync(summary, 'utf8')).toBe('');
  }
  const summary = join(cwd, 'summary.md');
  const merged = await bash(cwd, merge!, 0, summary);
  expect(merged.exitCode).toBe(1);
  expect(merged.stdout).toContain('::error title=fixture/broken/violates,file=violates.mjs,line=17::');
  expect(readFileSync(summary, 'utf8')).toContain('```mermaid\nsequenceDiagram\n');
  expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toContain('<testsuites name="one-survivor" tests="3"');

  const wrong = await bash(cwd, check!.replace('--runs 20000', '--runs none'), 1, summary);
  expect(wrong.exitCode).not.toBe(0);
  expect(wrong.stderr).toContain('--runs got "none"');
});

function inputsOf(job: string, action: string): Readonly<Record<string, unknown>> | undefined {
  return workflow.jobs[job]!.steps.find(({ uses }) => uses?.includes(action))?.with;
}

/** As a runner runs a step. */
function bash(cwd: string, command: string, shard: number, summary: string) {
  const script = command
    .replace(/\$\{\{ github\.run_number \}\}/g, '17')
    .replace(/\$\{\{ matrix\.shard \}\}/g, String(shard));
  const npx = `npx() { shift; '${process.execPath}' '${MAIN}' "$@"; }`;
  return execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', `${npx}\n${script}`], {
    cwd,
    env: { ...ENVIRONMENT, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: cwd, GITHUB_STEP_SUMMARY: summary },
    extendEnv: false,
    reject: false,
  });
}
