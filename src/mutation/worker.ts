import { Console } from 'node:console';
import { Copies } from './copies.ts';
import { GuardError } from './edit.ts';
import { type HuntOptions, hunt, type MutantResult } from './hunt.ts';
import { GUARDS } from './list.ts';

/** One guard to be taken away, as a thread gets it. Plain data. */
export interface Task {
  readonly guard: string;
  /** Where copies go. */
  readonly folder: string;
  readonly options: HuntOptions;
}

let copies: Copies | null = null;

/** Runs in a thread of the pool. */
export default async function huntOne({ guard: name, folder, options }: Task): Promise<MutantResult> {
  const guard = GUARDS.find((candidate) => candidate.name === name);
  if (guard === undefined) throw new GuardError(`there is no guard ${name}`);
  copies ??= new Copies(folder);
  return hunt(guard, copies, options);
}

// stdout is the main thread's, for its report.
globalThis.console = new Console(process.stderr, process.stderr);
