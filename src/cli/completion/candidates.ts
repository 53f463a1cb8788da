/** What may follow on a command line that is being typed: from commander's tree, and the ids of scenarios. */
import type { Command, Option } from 'commander';
import { REPORTERS } from '../../report/reporters.ts';
import { FORMATS } from '../parse.ts';

/** The values of options that are names. Those of other options are paths or numbers, so the shell completes them as files. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--reporter': REPORTERS,
  '--format': FORMATS,
};
const REPEATABLE: ReadonlySet<string> = new Set(['--reporter']);

export interface Sources {
  /** The ids of the project, and if none of them begins like the word, or with `builtin`, those of the package. */
  scenarios(word: string, builtin: boolean): Promise<readonly string[]>;
  strategies(): Promise<readonly string[]>;
}

/**
 * @param words those after the name of the program; the last one is incomplete, and may be empty
 * @returns whole words that begin with the last one; none where the shell should complete files
 */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  sources: Sources,
): Promise<string[]> {
  const typed = words.slice(0, -1);
  const word = words.at(-1) ?? '';
  const all = await following(program, typed, word, sources);
  return [...new Set(all)].filter((candidate) => candidate.startsWith(word));
}

async function following(
  program: Command,
  typed: readonly string[],
  word: string,
  sources: Sources,
): Promise<readonly string[]> {
  const { command, rest } = commandOf(program, typed);
  const before = optionOf(command, rest.at(-1));
  if (before?.required) return valuesOf(before, sources);
  if (word.startsWith('-')) return optionsOf(command, rest);
  if (command.commands.length > 0) return visible(command).map((each) => each.name());
  const argument = command.registeredArguments[0];
  if (argument?.argChoices !== undefined) return argument.argChoices;
  if (argument?.name() !== 'SCENARIO') return [];
  return sources.scenarios(word, rest.includes('--builtin'));
}

/** The command that the words name, which may be a command of a command, and the words after it. */
function commandOf(
  program: Command,
  typed: readonly string[],
): { command: Command; rest: readonly string[] } {
  const [first, ...rest] = typed;
  const command = program.commands.find((each) => each.name() === first);
  return command === undefined ? { command: program, rest: typed } : commandOf(command, rest);
}

function optionOf(command: Command, word: string | undefined): Option | undefined {
  return command.options.find(({ short, long }) => word !== undefined && (word === short || word === long));
}

async function valuesOf(option: Option, sources: Sources): Promise<readonly string[]> {
  if (option.long === '--strategy') return sources.strategies();
  return option.argChoices ?? VALUES[option.long ?? ''] ?? [];
}

/** Those that were not given yet. */
function optionsOf(command: Command, rest: readonly string[]): string[] {
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '');
  return [...options, '--help'].filter((long) => REPEATABLE.has(long) || !rest.includes(long));
}

function visible(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}
