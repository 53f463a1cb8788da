/**
 * The commands that `simulate` has checked: a file for each, beside the recorded tokens, so that `replay` finds the scenario of a token
 * that `simulate` has printed.
 */
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { messageOf } from '../ports/message-of.ts';
import type { CommandOptions } from '../simulate/index.ts';
import { readRegularFile, writeNewFile, writeWhole } from './files.ts';
import { GITIGNORE, PROJECT_FOLDER } from './folder.ts';
import { makeFolder } from './make-folder.ts';

/** Relative to the working directory. */
export const COMMANDS_FOLDER = join(PROJECT_FOLDER, 'commands');
const VERSION = 1;

/** The options of a command, with the ID of its scenario. */
export interface KnownCommand extends Omit<CommandOptions, 'file'> {
  readonly id: string;
  /** An absolute path. */
  readonly file: string;
}

/**
 * Records a command. Paths within the project are written relative to it.
 *
 * @throws an error of the file system if it cannot be written
 */
export function recordCommand(project: string, command: KnownCommand): void {
  makeFolder(join(project, COMMANDS_FOLDER));
  writeNewFile(join(project, PROJECT_FOLDER, '.gitignore'), GITIGNORE);
  const paths = {
    file: within(project, command.file),
    ...(command.cwd !== undefined && { cwd: within(project, command.cwd) }),
  };
  const text = `${JSON.stringify({ version: VERSION, ...command, ...paths }, null, 2)}\n`;
  writeWhole(fileOf(project, command.id), text, 'replace');
}

/**
 * The command whose scenario has an ID.
 *
 * @returns `null` if it was not recorded
 * @throws Error if its file cannot be read
 */
export function readCommand(project: string, id: string): KnownCommand | null {
  const path = fileOf(project, id);
  const text = readRegularFile(path);
  if (text === null) return null;
  try {
    const { version, ...command } = JSON.parse(text) as KnownCommand & { version: number };
    if (version !== VERSION) throw new Error(`it has version ${version}; expected ${VERSION}`);
    const { file, cwd } = command;
    return {
      ...command,
      file: resolve(project, file),
      ...(cwd !== undefined && { cwd: resolve(project, cwd) }),
    };
  } catch (error) {
    throw new Error(`${path} cannot be read: ${messageOf(error)}. Run simulate again, which writes it anew`);
  }
}

function fileOf(project: string, id: string): string {
  return join(project, COMMANDS_FOLDER, `${id.split('/').slice(1).join('-')}.json`);
}

function within(project: string, path: string): string {
  const short = relative(project, path);
  if (short === '') return '.';
  return short.startsWith('..') || isAbsolute(short) ? path : short.split(sep).join('/');
}

/** A scenario file that checks the same command. @param path where it is to be, absolute */
export function commandFileText(path: string, command: KnownCommand, words: readonly string[]): string {
  const { file, cwd, id, ...rest } = command;
  const url = (to: string, end = ''): string => {
    const short = relative(dirname(path), to).split(sep).join('/');
    return `new URL('${(short.startsWith('.') ? short : `./${short}`).replaceAll("'", "\\'")}${end}', import.meta.url)`;
  };
  const fields = [
    `  id: ${literal(id)},`,
    `  file: ${url(file)},`,
    ...(cwd === undefined ? [] : [`  cwd: fileURLToPath(${url(cwd, '/')}).replace(/(.)\\/$/, '$1'),`]),
    ...Object.entries(rest).flatMap(([name, value]) =>
      value === undefined ? [] : [`  ${name}: ${literal(value)},`],
    ),
  ];
  return [
    `// Written by: npx one-survivor simulate ${words.join(' ')}`,
    ...(cwd === undefined ? [] : ["import { fileURLToPath } from 'node:url';"]),
    "import { commandScenario } from 'one-survivor';",
    '',
    'export default commandScenario({',
    ...fields,
    '});',
    '',
  ].join('\n');
}

/** Plain data as JavaScript: with quotes as this project writes them. */
function literal(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)}: ${literal(each)}`)
      .join(', ')} }`;
  return typeof value === 'number' && value >= 10_000
    ? String(value).replace(/\B(?=(\d{3})+$)/g, '_')
    : String(value);
}
