import { randomUUID } from 'node:crypto';
import { type Colors, createColors } from '../report/colors.ts';
import { printable } from '../report/escape.ts';
import { githubInert } from '../report/github-inert.ts';

const LEAST_WIDTH = 60;
const MOST_WIDTH = 120;
const FILE_WIDTH = 100;

/** Colors and width for a stream: a terminal has both, and CI logs have colors. */
export function styleOf(stream: NodeJS.WriteStream): { colors: Colors; width: number } {
  const width = stream.isTTY ? Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, stream.columns)) : FILE_WIDTH;
  const isTerminal = Boolean(stream.isTTY) && process.env.TERM !== 'dumb';
  const isLog = stream === process.stdout && Boolean(process.env.CI);
  return { colors: createColors(wantsColors(isTerminal || isLog, process.env, process.argv)), width };
}

/**
 * Whether to use colors: `--no-color` and then `NO_COLOR` turn them off, `FORCE_COLOR` turns them on (off with `0` or `false`).
 *
 * @param otherwise if none of them is given
 * @see https://no-color.org and https://force-color.org
 */
export function wantsColors(
  otherwise: boolean,
  { NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv,
  argv: readonly string[],
): boolean {
  const options = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  if (options.includes('--no-color') || NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' && FORCE_COLOR !== 'false' : otherwise;
}

export function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints text for people. On GitHub Actions, commands in it are disabled. */
export function printText(stream: NodeJS.WriteStream, text: string): void {
  print(stream, process.env.GITHUB_ACTIONS === 'true' ? githubInert(text, randomUUID()) : text);
}

/** Waits until everything is written. */
export async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
}

/** What the user should know, on stderr. Its text may come from a file. */
export function note(text: string): void {
  print(process.stderr, `note: ${printable(text)}`);
}
