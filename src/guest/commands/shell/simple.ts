/** Commands that only start another one in their own process: the shell replaces itself by the last command that it runs. */
import { NotUnderstood, parse, plain } from './parse.ts';

export const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash']);
/** They are run by the shell itself. */
export const BUILTINS: ReadonlySet<string> = new Set([
  ...[':', '.', '[', 'cd', 'command', 'echo', 'eval', 'exec', 'exit', 'export', 'false', 'kill', 'printf'],
  ...['pwd', 'read', 'set', 'source', 'test', 'trap', 'true', 'type', 'ulimit', 'umask', 'unset', 'wait'],
]);

/** The command line that takes its place; null: it does something itself. */
export function simpleCommand(name: string, args: readonly string[]): readonly string[] | null {
  if (name === 'nohup' || name === 'env') return isPlainWord(args[0]) ? args : null;
  if (!SHELLS.has(name) || args[0] !== '-c' || args.length !== 2) return null;
  const words = onlyCommand(args[1]!);
  if (words === null) return null;
  const command = words[0] === 'exec' ? words.slice(1) : words;
  return isPlainWord(command[0]) && !BUILTINS.has(command[0]!) ? command : null;
}

function isPlainWord(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith('-') && !/^\w+=/.test(word);
}

function onlyCommand(text: string): string[] | null {
  try {
    const [list, ...more] = parse(text);
    if (list === undefined || more.length > 0 || list.rest.length > 0 || list.background) return null;
    const { negated, commands } = list.first;
    if (negated || commands.length > 1) return null;
    const { assignments, words, redirections } = commands[0]!;
    if (assignments.length > 0 || redirections.length > 0) return null;
    const texts = words.map(plain);
    return texts.includes(null) ? null : (texts as string[]);
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}
