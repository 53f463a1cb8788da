import type { Command } from 'commander';
import { NAMESPACES } from '../../storm/namespaces.ts';
import type { StormCommandOptions } from '../actions/storm-report.ts';
import { interruptible } from '../interruption.ts';
import { parseWhole } from '../parse.ts';
import { addJson, addQuiet } from './options.ts';
import { addHarassment } from './simulate.ts';

export function addStorm(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('storm')
    .description(
      'start a command of any language several times as real processes, with faults, and judge what is left; no scenario file is needed. It is no sandbox',
    )
    .argument('<COMMAND...>', 'after --: the command and its arguments, as a shell would start it');
  addHarassment(command)
    .option('--rounds <N>', 'how many rounds (default: 5)', (text) => parseWhole('--rounds', text, 1, 10_000))
    .option(
      '--isolate <LIST>',
      `what each round has of its own, if this system permits it: names with commas, or none (default: ${NAMESPACES.join(',')})`,
    );
  addQuiet(addJson(command)).action(async (words: string[], options: StormCommandOptions) => {
    const result = await interruptible(async (signal) => {
      const { stormAndPrint } = await import('../actions/storm.ts');
      return stormAndPrint(words, options, signal);
    });
    exit(result);
  });
}
