import Tinypool from 'tinypool';
import type { Mutant } from './mutant-file.ts';
import { MutantError } from './patch.ts';
import { checkPatches } from './patched-modules.ts';
import type { MutantOptions, MutantResult } from './run-mutant.ts';
import type { Task } from './worker.ts';

export interface MutantsOptions extends MutantOptions {
  /** How many threads. */
  readonly workers: number;
  /** Ends it early; the results so far are returned. */
  readonly signal?: AbortSignal;
  /** After each mutant: how many are done. */
  readonly onDone?: (done: number) => void;
}

/**
 * Runs mutants of the protocol, each until a scenario kills it. The results are in the order of the mutants, for any number of
 * threads; after an interruption, those that are done.
 *
 * @throws MutantError when mutants do not fit the source
 */
export async function runMutants(
  mutants: readonly Mutant[],
  options: MutantsOptions,
): Promise<MutantResult[]> {
  const { seed, runs, workers, signal, onDone } = options;
  // All that do not fit, and not only the first that a thread comes to.
  checkPatches(mutants);
  const pool = new Tinypool({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    runtime: 'worker_threads',
  });
  const results: (MutantResult | undefined)[] = mutants.map(() => undefined);
  let done = 0;
  const runOne = async ({ name }: Mutant, index: number): Promise<void> => {
    const task: Task = { mutant: name, options: { seed, runs } };
    results[index] = await pool.run(task);
    if (!signal?.aborted) onDone?.(++done);
  };
  try {
    await Promise.race([Promise.all(mutants.map(runOne)), aborted(signal)]);
    return results.filter((result) => result !== undefined);
  } catch (error) {
    // An error of a thread has lost its class.
    const { name, message } = error as Error;
    throw name === 'MutantError' ? new MutantError(message, { cause: error }) : error;
  } finally {
    await pool.destroy();
  }
}

/** Never without a signal. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
