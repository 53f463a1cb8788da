/** docs/commands.md, from commander's tree. */
import type { Argument, Command, Option } from 'commander';
import { exitCodesOf } from '../../src/cli/commands/exit-codes.ts';

const HEAD = `# Commands

\`npx one-survivor COMMAND --help\` prints the same. This page is generated from the command line: \`npm run commands\`.

SCENARIO is an id, a glob of ids (\`*\` matches anything), a file that exports scenarios, \`FILE#ID\` for one of its scenarios, a glob of files,
or a folder. Without it, a command takes the scenarios of the config, otherwise those of \`races/**\`. An id is looked up in the project
first, then among the built-in scenarios.

The config is \`one-survivor.config.js\`, \`.mjs\`, \`.cjs\`, \`.ts\` or \`.mts\` in the working directory, or the file given with \`--config\`,
such as this one for long runs at night:

\`\`\`js nightly.config.mjs
import { defineConfig } from 'one-survivor';

export default defineConfig({
  scenarios: ['./races/*.mjs'],
  budget: '30m',
  reporters: ['default', 'junit=reports/races.xml'],
});
\`\`\`

Results go to stdout, notes and progress to stderr. \`NO_COLOR=1\`, \`FORCE_COLOR=0\` and \`--no-color\` turn colors off, \`FORCE_COLOR=1\` turns them
on. The package has a JSON schema of each \`--json\` document and of the config, in \`one-survivor/schemas\`. If several exit codes apply, the
first in the order 130, 1, 4, 2, 3 is used.
`;

/** The whole page. */
export function commandsPage(program: Command): string {
  const commands = leavesOf(program, '');
  const table = rows(
    ['command', 'what it does'],
    commands.map(({ name, command }) => [
      `[\`${name}\`](#${name.replaceAll(' ', '-')})`,
      sentence(command.description()),
    ]),
  );
  return `${[HEAD, `${table}\n`, ...commands.map(section)].join('\n').trimEnd()}\n`;
}

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

/** The commands that are not hidden; for a command with commands of its own, these. */
export function leavesOf(command: Command, prefix: string): Leaf[] {
  const shown = command.createHelp().visibleCommands(command);
  return shown
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => {
      const name = `${prefix}${each.name()}`;
      return each.commands.length > 0 ? leavesOf(each, `${name} `) : [{ name, command: each }];
    });
}

function section({ name, command }: Leaf): string {
  const help = command.createHelp();
  const words = command.registeredArguments.map((argument) => help.argumentTerm(argument));
  const usage = [name, ...command.registeredArguments.map(termOf)].join(' ');
  const options = help.visibleOptions(command);
  return [
    `## ${name}`,
    '',
    `${sentence(command.description())}: \`one-survivor ${usage}\`.`,
    '',
    rows(
      ['argument or option', ''],
      [
        ...command.registeredArguments.map((argument, i) => [
          `\`${words[i]}\``,
          help.argumentDescription(argument),
        ]),
        ...options.map((option) => [`\`${option.flags}\``, describe(help.optionDescription(option), option)]),
      ],
    ),
    '',
    rows(['exit code', ''], Object.entries(exitCodesOf(command) ?? {})),
    '',
  ].join('\n');
}

function termOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Without the default of an option that turns something off: it says so itself. */
function describe(description: string, { negate }: Option): string {
  return negate ? description.replace(/ \(default: .*\)$/, '') : description;
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
