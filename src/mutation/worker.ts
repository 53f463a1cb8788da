import { Console } from 'node:console';
import { GuardError } from './edit.ts';
import { GUARDS } from './list.ts';
import { PatchedModules } from './patched-modules.ts';
import { type MutantOptions, type MutantResult, runMutant } from './runner.ts';

/** One guard to be taken away, as a thread gets it. Plain data. */
export interface Task {
  readonly guard: string;
  /** Where copies go. */
  readonly folder: string;
  readonly options: MutantOptions;
}

let copies: PatchedModules | null = null;

/** Runs in a thread of the pool. */
export default async function huntOne({ guard: name, folder, options }: Task): Promise<MutantResult> {
  const guard = GUARDS.find((candidate) => candidate.name === name);
  if (guard === undefined) throw new GuardError(`there is no guard ${name}`);
  copies ??= new PatchedModules(folder);
  return runMutant(guard, copies, options);
}

// stdout is the main thread's, for its report.
globalThis.console = new Console(process.stderr, process.stderr);
