import { randomUUID } from 'node:crypto';
import picocolors from 'picocolors';
import { type Colors, createColors, githubInert } from '../report/index.ts';

const LEAST_WIDTH = 60;
const MOST_WIDTH = 120;
const FILE_WIDTH = 100;

/** How to write for a stream: a terminal has a width and maybe colours; on CI logs have colours too. */
export function styleOf(stream: NodeJS.WriteStream): { colors: Colors; width: number } {
  const { env } = process;
  const wanted = stream === process.stdout ? picocolors.isColorSupported : stream.isTTY && !env.NO_COLOR;
  const width = stream.isTTY ? Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, stream.columns)) : FILE_WIDTH;
  return { colors: createColors(wanted && !env.NO_COLOR), width };
}

export function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Text for people. On GitHub Actions nothing in it is taken for a command. */
export function printText(stream: NodeJS.WriteStream, text: string): void {
  print(stream, process.env.GITHUB_ACTIONS === 'true' ? githubInert(text, randomUUID()) : text);
}

/** All that was written has left. */
export async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
}
