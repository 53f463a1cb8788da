/** What Node prints about an exception that ends a process. */
import { inspect } from 'node:util';
import { readText } from './modules/disk.ts';
import { isSource } from './modules/source.ts';

const FRAME = /^\s*at (?:.*\()?(?:file:\/\/)?(.*?):(\d+):(\d+)\)?( \{)?$/;

/**
 * The place, its line, and the error. Of the stack it has the frames of the program's files: those below belong to Node, or to
 * the simulation in its stead. The place is where the error was created; Node shows where it was thrown.
 */
export function uncaughtText(error: unknown, nodeVersion: string): string {
  const lines: string[] = [];
  let place: RegExpExecArray | null = null;
  for (const line of inspect(error, { colors: false }).split('\n')) {
    const frame = FRAME.exec(line);
    const isTheirs = frame !== null && isSource(frame[1]!);
    if (isTheirs) place ??= frame;
    if (frame === null || isTheirs) lines.push(line);
    // The object's properties follow.
    else if (frame[4] !== undefined) lines.push(`${lines.pop() ?? ''}${frame[4]}`);
  }
  const where = place === null ? 'Uncaught:\n' : `${sourceLine(place)}\n`;
  return `${where}${lines.join('\n')}\n\nNode.js v${nodeVersion}\n`;
}

function sourceLine([, file = '', line = '', column = '']: readonly string[]): string {
  let text = '';
  try {
    text = readText(file).split('\n')[Number(line) - 1] ?? '';
  } catch {
    // A module that is not a file.
  }
  return `${file}:${line}\n${text}\n${' '.repeat(Math.max(0, Number(column) - 1))}^\n`;
}
