import Tinypool from 'tinypool';
import type { Guard } from './guard.ts';
import { makeFolder, PatchedModules } from './patched-modules.ts';
import type { MutantOptions, MutantResult } from './runner.ts';
import type { Task } from './worker.ts';

export interface HuntersOptions extends MutantOptions {
  readonly workers: number;
  /** Ends the hunt early; what is known by then is returned. */
  readonly signal?: AbortSignal;
  /** After each guard: how many are done. */
  readonly onDone?: (done: number) => void;
}

/**
 * Takes one guard after the other away and looks who notices. In the order of the guards, whatever the number of threads;
 * after an interruption, those that are done.
 *
 * @throws GuardError when a guard does not fit the code
 */
export async function huntAll(guards: readonly Guard[], options: HuntersOptions): Promise<MutantResult[]> {
  const { seed, runs, workers, signal, onDone } = options;
  const folder = makeFolder();
  const copies = new PatchedModules(folder.path);
  const pool = new Tinypool({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    runtime: 'worker_threads',
  });
  const hunted: (MutantResult | undefined)[] = guards.map(() => undefined);
  let done = 0;
  const huntOne = async ({ name }: Guard, index: number): Promise<void> => {
    const task: Task = { guard: name, folder: folder.path, options: { seed, runs } };
    hunted[index] = await pool.run(task);
    if (!signal?.aborted) onDone?.(++done);
  };
  try {
    // An error of a thread has lost its kind.
    for (const guard of guards) copies.check(guard);
    await Promise.race([Promise.all(guards.map(huntOne)), aborted(signal)]);
    return hunted.filter((one) => one !== undefined);
  } finally {
    await pool.destroy();
    folder.remove();
  }
}

/** Never without a signal. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
