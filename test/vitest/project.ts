import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa, type Options } from 'execa';
import { TokenStore } from '../../src/project/token-store.ts';
import { ENVIRONMENT, project } from '../cli/run.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest');

/** Writes down what a test's result holds, as a reporter of a user's own would see it. */
const REPORTER = `
import { writeFileSync } from 'node:fs';

export default class {
  results = {};
  onTestCaseResult(test) {
    const { state, errors = [] } = test.result();
    this.results[test.name] = {
      state,
      error: errors[0]?.message ?? null,
      race: test.meta().race ?? null,
      annotations: test.annotations(),
    };
  }
  onTestRunEnd() {
    writeFileSync('results.json', JSON.stringify(this.results));
  }
}
`;

export interface TestResult {
  readonly state: string;
  readonly error: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: what a reporter gets, looked into by tests.
  readonly race: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  readonly annotations: any[];
}

/** A user's project with vitest: the fixtures' scenarios, and these files. */
export function vitestProject(files: Readonly<Record<string, string>>): string {
  const folder = project({
    'package.json': '{ "type": "module" }',
    'reporter.mjs': REPORTER,
    ...files,
  });
  symlinkSync(VITEST, join(folder, 'node_modules/vitest'), 'dir');
  return folder;
}

export function startVitest(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
  options: Options = {},
) {
  return execa(process.execPath, [join(VITEST, 'vitest.mjs'), ...args], {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    extendEnv: false,
    reject: false,
    all: true,
    ...options,
  });
}

/** Runs the project's tests once. */
export async function runVitest(
  cwd: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number | undefined; text: string; results: Record<string, TestResult> }> {
  const file = join(cwd, 'results.json');
  writeFileSync(file, '{}');
  const reporters = ['--reporter=default', '--reporter=./reporter.mjs'];
  const { exitCode, all } = await startVitest(cwd, ['run', ...reporters, ...args], env);
  return { code: exitCode, text: String(all), results: JSON.parse(readFileSync(file, 'utf8')) };
}

export function recordedIn(cwd: string): { token: string; invariant: string }[] {
  return new TokenStore(cwd).tokens.map(({ token, invariant }) => ({ token, invariant }));
}
