import { type Command, Option } from 'commander';
import type { MutantsOptions } from '../actions/mutants.ts';
import { requireModules } from '../clone.ts';
import { interruptible } from '../interruption.ts';
import { DEFAULT_MUTANT_RUNS } from '../mutant-runs.ts';
import { parseRuns, parseSeed, parseWorkers } from '../parse.ts';
import { addJson } from './options.ts';

export function addMutants(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('mutants')
    .description(
      'run each mutant of the built-in protocol, the same code without one of its guards, and show which scenario kills it; or each mutant of the checker, and which test kills it (only in a clone of the repository)',
    )
    .argument('[MUTANT...]', 'names or globs of names (* matches anything); default: all mutants')
    .addOption(
      new Option('--of <WHAT>', 'what is mutated: protocol, or checker (simulation, search, verdicts)')
        .choices(['protocol', 'checker'])
        .default('protocol'),
    )
    .option('--seed <N>', 'equal seeds give equal runs (default: random, always printed)', parseSeed)
    .option(
      '--runs <N>',
      `the maximum number of runs per scenario (default: ${DEFAULT_MUTANT_RUNS})`,
      parseRuns,
    )
    .option('--workers <N>', 'the number of threads (default: one per core)', parseWorkers);
  addJson(command).action(async (words: string[], options: MutantsOptions) => {
    await requireModules();
    const result = await interruptible(async (signal) => {
      const { runAndPrintMutants } = await import('../actions/mutants.ts');
      return runAndPrintMutants(words, options, signal);
    });
    exit(result);
  });
}
