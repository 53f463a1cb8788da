/** All commands and their options, as commander's tree. Loads no action: each command loads its own when it runs. */
import { Command } from 'commander';
import { escapeLines } from '../report/escape.ts';
import { addCheck } from './commands/check.ts';
import { addCompletion } from './commands/completion.ts';
import { addExitCodes } from './commands/exit-codes.ts';
import { addExplore } from './commands/explore.ts';
import { addInit } from './commands/init.ts';
import { addList } from './commands/list.ts';
import { addMergeReports } from './commands/merge-reports.ts';
import { addMutants } from './commands/mutants.ts';
import { addRace } from './commands/race.ts';
import { addReplay } from './commands/replay.ts';
import { addShowReport } from './commands/show-report.ts';
import { addSimulate } from './commands/simulate.ts';
import { addStorm } from './commands/storm.ts';
import { addTokens } from './commands/tokens.ts';
import { VERSION } from './version.ts';

const COMMANDS = [
  addCheck,
  addExplore,
  addReplay,
  addSimulate,
  addStorm,
  addTokens,
  addMutants,
  addList,
  addMergeReports,
  addShowReport,
  addRace,
  addInit,
  addCompletion,
];

/** @param exit receives the exit code of the command that ran */
export function programOf(exit: (code: number) => void): Command {
  const program = new Command('one-survivor')
    .description(
      'Deterministic simulation and chaos testing for code that must leave exactly one daemon alive.',
    )
    .version(VERSION, '-v, --version')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`${escapeLines(text.trimEnd()).join('\n')}\n`),
    })
    .showHelpAfterError('(see --help)')
    .addHelpText(
      'after',
      `
Exit codes: 0 as expected, 1 an invariant is violated or an expected violation was not found, 2 usage,
configuration or a scenario whose check ended with an exception, 3 inconclusive, 4 a schedule replayed
differently, 130 interrupted.`,
    );
  for (const add of COMMANDS) add(program, exit);
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of commands) addExitCodes(command);
  // Read by terminal.ts, which needs it before an option is parsed.
  for (const command of [program, ...commands])
    command.option('--no-color', 'no colors; so do NO_COLOR and, with 0, FORCE_COLOR');
  return program;
}
