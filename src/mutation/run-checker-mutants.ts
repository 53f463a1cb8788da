import type { Mutant } from './mutant-file.ts';
import { NamedTests } from './named-tests.ts';
import { MutantError } from './patch.ts';
import { checkPatches } from './patched-modules.ts';

export interface CheckerMutantsOptions {
  /** How many mutants side by side. */
  readonly workers: number;
  /** Ends it early; the results so far are returned. */
  readonly signal?: AbortSignal;
  /** After each mutant: how many are done. */
  readonly onDone?: (done: number) => void;
  /** The clone whose tests are run. Default: the one that this module is in. */
  readonly root?: string;
}

/** Which test kills a mutant of the checker, if it does. Plain data. */
export interface CheckerMutantResult {
  /** The name. */
  readonly mutant: string;
  readonly about: string;
  /** The file that it changes: `src/check/verdict.ts`. */
  readonly source: string;
  readonly killed: boolean;
  /** The test that was run, as `FILE > SUITE > TEST`. */
  readonly test: string;
  /** Of the assertion that failed; or why it is not killed. */
  readonly message: string;
  /** Real. */
  readonly seconds: number;
}

/**
 * Runs for each mutant of the checker the test that is to kill it. A mutant is killed if an assertion of the test fails: an
 * error while modules are loaded, another exception, or a time-out does not count. First all these tests must pass without a
 * mutant.
 *
 * @returns in the order of the mutants; after an interruption, those that are done
 * @throws MutantError when mutants do not fit the source, tests do not exist or fail by themselves, or vitest is not installed
 */
export async function runCheckerMutants(
  mutants: readonly Mutant[],
  options: CheckerMutantsOptions,
): Promise<CheckerMutantResult[]> {
  const { workers, signal, onDone, root } = options;
  checkPatches(mutants);
  const lanes: NamedTests[] = [];
  const results: (CheckerMutantResult | undefined)[] = mutants.map(() => undefined);
  const left = [...mutants.entries()];
  let done = 0;
  const work = async (tests: NamedTests): Promise<void> => {
    for (let next = left.shift(); next !== undefined && !signal?.aborted; next = left.shift()) {
      const [index, mutant] = next;
      const result = await runOne(tests, mutant);
      // A Ctrl-C ends the processes of tests too.
      if (signal?.aborted) return;
      results[index] = result;
      onDone?.(++done);
    }
  };
  const runAll = async (): Promise<void> => {
    lanes.push(await NamedTests.open(root));
    await expectPassing(lanes[0]!, mutants, signal);
    while (lanes.length < Math.min(workers, mutants.length)) lanes.push(await NamedTests.open(root));
    await Promise.all(lanes.map(work));
  };
  try {
    await Promise.race([runAll(), aborted(signal)]);
    return results.filter((result) => result !== undefined);
  } finally {
    await Promise.all(lanes.map((tests) => tests.close()));
  }
}

async function runOne(tests: NamedTests, mutant: Mutant): Promise<CheckerMutantResult> {
  const { name, about, module } = mutant;
  const test = testOf(mutant);
  const begunAt = performance.now();
  const { kind, message } = (await tests.run([test], mutant)).get(test)!;
  return {
    ...{ mutant: name, about, source: `src/${module}`, test },
    killed: kind === 'failed',
    message: kind === 'passed' ? 'the test passes' : message,
    seconds: (performance.now() - begunAt) / 1000,
  };
}

/** A test that fails by itself would kill any mutant. */
async function expectPassing(
  tests: NamedTests,
  mutants: readonly Mutant[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const outcomes = await tests.run([...new Set(mutants.map(testOf))], null);
  if (signal?.aborted) return;
  const wrong = mutants.flatMap((mutant) => {
    const { kind, message } = outcomes.get(testOf(mutant))!;
    if (kind === 'passed') return [];
    return `${mutant.writtenIn}: ${testOf(mutant)}, which is to kill ${mutant.name}, does not pass without it: ${message}`;
  });
  if (wrong.length > 0) throw new MutantError(wrong.join('\n'));
}

function testOf({ killedBy: [test = ''] }: Mutant): string {
  return test;
}

/** Never without a signal. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
