/** Runs single tests of this repository, by name, with a patch in one of the modules that they import. */
import { fileURLToPath } from 'node:url';
import type { TestCase, TestModule, TestSpecification, Vitest } from 'vitest/node';
import { escapePattern } from '../scenario/pattern.ts';
import { applyPatch, MutantError, type Patch } from './patch.ts';

/** The clone that this module is in. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SEPARATOR = ' > ';
/** As in vitest.config.ts: for tests that stand still. */
const TIMEOUT_MS = 240_000;

/** What became of a test. Plain data. */
export interface TestOutcome {
  /** `missing`: no test has the name. `threw`: it did not end with a failed assertion, but with another error. */
  readonly kind: 'passed' | 'failed' | 'threw' | 'missing';
  /** Of the failed assertion, or of the error. */
  readonly message: string;
}

/**
 * Vitest with one change: it serves a patched module. Tests run in a process of their own, which ends with them; threads and
 * processes that a test starts are not patched.
 */
export class NamedTests {
  readonly #vitest: Vitest;
  readonly #root: string;
  readonly #served: Served;

  private constructor(vitest: Vitest, root: string, served: Served) {
    this.#vitest = vitest;
    this.#root = root;
    this.#served = served;
  }

  /**
   * @param root the clone whose tests are run
   * @throws MutantError where vitest is not installed
   */
  static async open(root: string = ROOT): Promise<NamedTests> {
    const { createVitest } = await importVitest();
    const served = new Served(root.replace(/\/$/, ''));
    const vitest = await createVitest(
      'test',
      {
        ...{ root, watch: false, reporters: [{}], coverage: { enabled: false } },
        // The projects of the configuration would have servers of their own, without the plugin.
        ...{ config: false, include: ['test/**/*.test.ts'] },
        ...{ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS },
      },
      {
        plugins: [
          {
            name: 'one-survivor:mutant',
            enforce: 'pre',
            transform: (code, id) => served.transform(code, id),
          },
        ],
      },
    );
    await vitest.standalone();
    return new NamedTests(vitest, served.root, served);
  }

  /**
   * Runs tests, and only them.
   *
   * @param tests each as `FILE > SUITE > TEST`
   * @param patch of a module that they import; `null`: the sources are as they are
   * @returns what became of each
   * @throws MutantError when the tests do not import the module, or the patch does not fit it
   */
  async run(tests: readonly string[], patch: Patch | null): Promise<ReadonlyMap<string, TestOutcome>> {
    const files = [...new Set(tests.map((test) => `${this.#root}/${fileOf(test)}`))];
    const specifications = files.flatMap((file) => this.#specificationsOf(file));
    this.#vitest.setGlobalTestNamePattern(patternOf(tests));
    const exitCode = process.exitCode;
    this.#serve(patch);
    try {
      const { testModules } = await this.#vitest.runTestSpecifications(specifications);
      const asked = testModules.filter(({ moduleId }) => files.includes(moduleId));
      if (this.#served.misfit !== null) throw this.#served.misfit;
      if (patch !== null && !this.#served.isApplied)
        throw new MutantError(
          `${tests.join(', ')} cannot kill ${patch.name}: it does not import src/${patch.module}. Change it in ${patch.writtenIn}.`,
        );
      return new Map(tests.map((test) => [test, outcomeOf(test, asked)]));
    } finally {
      this.#serve(null);
      // Vitest sets it when a test fails: here that is what is wanted.
      process.exitCode = exitCode;
    }
  }

  async close(): Promise<void> {
    await this.#vitest.close();
  }

  #specificationsOf(file: string): TestSpecification[] {
    const project = this.#vitest.projects.find((each) => each.matchesTestGlob(file));
    return project === undefined ? [] : [project.createSpecification(file)];
  }

  #serve(patch: Patch | null): void {
    for (const file of this.#served.serve(patch)) this.#vitest.invalidateFile(file);
  }
}

/** Which module is served with a patch. */
class Served {
  readonly root: string;
  isApplied = false;
  misfit: MutantError | null = null;
  #patch: Patch | null = null;

  constructor(root: string) {
    this.root = root;
  }

  /** @returns the files that are no longer as they were served before */
  serve(patch: Patch | null): string[] {
    const changed = [this.#patch, patch].filter((each) => each !== null).map((each) => this.#fileOf(each));
    this.#patch = patch;
    this.isApplied = false;
    this.misfit = null;
    return changed;
  }

  transform(code: string, id: string): string | null {
    if (this.#patch === null || id !== this.#fileOf(this.#patch)) return null;
    try {
      const patched = applyPatch(this.#patch, code);
      this.isApplied = true;
      return patched;
    } catch (error) {
      if (error instanceof MutantError) this.misfit = error;
      throw error;
    }
  }

  #fileOf({ module }: Patch): string {
    return `${this.root}/src/${module}`;
  }
}

function fileOf(test: string): string {
  return test.slice(0, test.indexOf(SEPARATOR));
}

/** Vitest compares it with the names of suites and test, with spaces between them. */
function patternOf(tests: readonly string[]): RegExp {
  const names = tests.map((test) => test.split(SEPARATOR).slice(1).map(escapePattern).join(' (?:> )?'));
  return new RegExp(`^\\s*(?:${names.join('|')})$`);
}

function outcomeOf(test: string, modules: readonly TestModule[]): TestOutcome {
  const module = modules.find(({ moduleId }) => moduleId.endsWith(`/${fileOf(test)}`));
  const name = test.slice(fileOf(test).length + SEPARATOR.length);
  const found = [...(module?.children.allTests() ?? [])].find(({ fullName }) => fullName === name);
  if (found !== undefined && found.result().state !== 'skipped') return resultOf(found);
  const error = module?.errors()[0];
  if (error !== undefined) return { kind: 'threw', message: firstLine(error.message) };
  return { kind: 'missing', message: 'there is no such test' };
}

function resultOf(test: TestCase): TestOutcome {
  const { state, errors = [] } = test.result();
  if (state === 'passed') return { kind: 'passed', message: '' };
  const other = errors.find(({ name }) => name !== 'AssertionError');
  if (other !== undefined) return { kind: 'threw', message: firstLine(`${other.name}: ${other.message}`) };
  return errors[0] === undefined
    ? { kind: 'threw', message: `the test is ${state}` }
    : { kind: 'failed', message: firstLine(errors[0].message) };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!;
}

async function importVitest(): Promise<typeof import('vitest/node')> {
  try {
    return await import('vitest/node');
  } catch (cause) {
    throw new MutantError('mutants of the checker are killed by tests, which vitest runs: run "npm ci"', {
      cause,
    });
  }
}
