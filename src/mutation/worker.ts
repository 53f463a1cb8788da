import { Console } from 'node:console';
import { protocolMutants } from './list.ts';
import { MutantError } from './patch.ts';
import { type MutantOptions, type MutantResult, runMutant } from './run-mutant.ts';

/** What a thread of the pool is asked for. Plain data. */
export interface Task {
  /** The name. */
  readonly mutant: string;
  readonly options: MutantOptions;
}

/** Runs in a thread of the pool. */
export default async function runOne({ mutant: name, options }: Task): Promise<MutantResult> {
  const mutant = protocolMutants().find((candidate) => candidate.name === name);
  if (mutant === undefined) throw new MutantError(`there is no mutant ${name}`);
  return runMutant(mutant, options);
}

// stdout is the main thread's, for its report.
globalThis.console = new Console(process.stderr, process.stderr);
