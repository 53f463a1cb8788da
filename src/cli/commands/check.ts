import type { Command } from 'commander';
import { DEFAULT_RUNS } from '../../check/default-runs.ts';
import { TOKENS_FOLDER } from '../../project/folder.ts';
import { DEFAULT_STRATEGY_NAME } from '../../schedule/default-strategy.ts';
import type { CheckOptions } from '../actions/check.ts';
import { interruptible } from '../interruption.ts';
import { parseBudget, parseRuns, parseSeed, parseShard, parseWorkers } from '../parse.ts';
import { addJson, addQuiet, addReporters, addSelection } from './options.ts';

export function addCheck(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('check')
    .description('replay the recorded tokens, then search for runs that violate an invariant');
  addSelection(command)
    .option('--watch', 'check again when a scenario file, or a file that it imports, changes')
    .option('--last-failed', 'only scenarios that were not as expected when they were last checked here')
    .option('--seed <N>', 'equal seeds give equal runs (default: random, always printed)', parseSeed)
    .option(
      '--runs <N>',
      `the number of runs per scenario (default: ${DEFAULT_RUNS}, or as many as --budget allows)`,
      parseRuns,
    )
    .option('--budget <TIME>', 'how long to search in total: 30s, 2m, 500ms', parseBudget)
    .option('--strategy <NAME>', `how to search, see list (default: ${DEFAULT_STRATEGY_NAME})`)
    .option('--workers <N>', 'the number of threads (default: one per core)', parseWorkers)
    .option('--shard <i/n>', 'only the i-th of n parts of the runs', parseShard)
    .option('--allow-omitted', 'exit with 0 although parts of a scenario were never run; they are listed')
    .option('--bail', 'stop at the first scenario that fails')
    .option('--no-record', `do not add new violations to ${TOKENS_FOLDER}`)
    .option('--strict', 'exit with 1 if a recorded token is outdated: not replayed as it was recorded')
    .option('--no-isolation-check', 'do not check whether processes share memory');
  addQuiet(addJson(addReporters(command))).action(async (words: string[], options: CheckOptions) => {
    if (options.watch) {
      const { watchAndCheck } = await import('../actions/watch.ts');
      exit(await watchAndCheck(words, argumentsWithout('--watch')));
      return;
    }
    const check = await interruptible(async (signal) => {
      const { checkAndPublish } = await import('../actions/check.ts');
      return checkAndPublish(words, options, signal);
    });
    exit(check);
  });
}

/** The arguments of this process without an option. */
function argumentsWithout(option: string): string[] {
  return process.argv.slice(2).filter((word) => word !== option);
}
