import type { Command } from 'commander';
import { OWNER_WORDS } from '../../judge/index.ts';
import type { SimulateOptions } from '../actions/simulate.ts';
import { interruptible } from '../interruption.ts';
import { parseBudget, parseRuns, parseSeed, parseTime, parseWhole } from '../parse.ts';
import { addJson, addQuiet } from './options.ts';

export function addSimulate(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('simulate')
    .description(
      'start an unmodified Node program several times on a simulated machine, with faults, and judge what is left; no scenario file is needed. It is no sandbox',
    )
    .argument('<COMMAND...>', 'after --: node FILE ARG…, FILE ARG…, or the name of an installed bin');
  addHarassment(command)
    .option(
      '--file <PATH=FILE>',
      'a file that the simulated machine has at the start: its path there, and the file here whose text it has, such as /root/.app/config.json=./config.json; may be repeated',
      (word: string, before: readonly string[] = []) => [...before, word],
    )
    .option('--runs <N>', 'the maximum number of runs (default: as many as --budget allows)', parseRuns)
    .option('--budget <TIME>', 'how long to search: 30s, 2m, 500ms (default: 4s)', parseBudget)
    .option('--write <FILE>', 'write a scenario file that check runs with the same verdict');
  addQuiet(addJson(command)).action(async (words: string[], options: SimulateOptions) => {
    const result = await interruptible(async (signal) => {
      const { simulateAndPrint } = await import('../actions/simulate.ts');
      return simulateAndPrint(words, options, signal);
    });
    exit(result);
  });
}

/** What is done to a command, and how it is judged: the options of `simulate` and `storm`. */
export function addHarassment(command: Command): Command {
  return command
    .option('--starts <N>', 'how many are started at once (default: 3)', (text) =>
      parseWhole('--starts', text, 1, 64),
    )
    .option(
      '--faults <LIST>',
      'which faults may strike, see list: names with commas, or none (default: kill,stop)',
    )
    .option(
      '--owner <WHAT>',
      `how an owner is known: ${OWNER_WORDS} (default: as seen in a run with one start)`,
    )
    .option('--state-dir <DIR>', 'where the faults of files strike (default: where its files are)')
    .option('--settle <TIME>', 'for how long it settles after the faults (default: 30s)', (text) =>
      parseTime('--settle', text),
    )
    .option('--expect <N>', 'how many processes are to be left (default: as many as of one start)', (text) =>
      parseWhole('--expect', text, 0, 64),
    )
    .option('--seed <N>', 'equal seeds give equal rounds (default: random, always printed)', parseSeed);
}
