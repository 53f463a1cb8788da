/** Options that several commands have, in the same words. */
import type { Command } from 'commander';
import { REPORTERS } from '../../report/reporters.ts';
import { ENDINGS, FILE_KINDS } from '../file-kinds.ts';
import { parseGrep, parseReporter } from '../parse.ts';

/** Which scenarios a command is about. */
export interface ScenarioOptions {
  config?: string;
  builtin?: true;
  grep?: RegExp;
}

export const SCENARIOS_ARGUMENT = `ids, globs of ids (* matches anything), ${ENDINGS} files that export scenarios, FILE#ID for one of a file, globs of files, or folders; default: those of the config, otherwise of races/**`;

export function addConfig(command: Command): Command {
  return command.option(
    '--config <FILE>',
    `the config, ${FILE_KINDS}, or a .json file (default: one-survivor.config${ENDINGS})`,
  );
}

export function addSelection(command: Command): Command {
  return addConfig(command.argument('[SCENARIO...]', SCENARIOS_ARGUMENT))
    .option('--builtin', 'the built-in scenarios instead of those of the project')
    .option('-t, --grep <PATTERN>', 'only ids that match this regular expression', parseGrep);
}

export function addReporters(command: Command): Command {
  return command
    .option(
      '--reporter <NAME[=FILE]>',
      `${REPORTERS.slice(0, -1).join(', ')} or ${REPORTERS.at(-1)}, each optionally with its file, such as junit=out.xml; repeatable`,
      parseReporter,
    )
    .option('--output-file <FILE>', 'write the only document to this file instead of stdout');
}

export function addJson(command: Command): Command {
  return command.option('--json', 'one JSON document on stdout');
}

export function addQuiet(command: Command): Command {
  return command.option('--quiet', 'no progress and no notes; print only what is not as expected');
}
