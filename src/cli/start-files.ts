/** `--file PATH=FILE` of `simulate`: files that the simulated machine has at the start, with the text of files of the project. */
import { readFileSync, statSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { messageOf } from '../ports/message-of.ts';
import { UsageError } from './errors.ts';
import { wrong } from './parse.ts';

const FORM = 'PATH=FILE: an absolute path on the simulated machine, and a file of text here';
const MOST_BYTES = 1024 * 1024;

/**
 * @returns the text of each, by its path on the machine
 * @throws UsageError for what is not accepted
 */
export function startFilesOf(words: readonly string[], cwd: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const word of words) {
    const [, path = '', file = ''] = /^([^=]*)=(.+)$/.exec(word) ?? [];
    if (!posix.isAbsolute(path) || path.endsWith('/')) throw wrong('--file', word, FORM);
    if (Object.hasOwn(files, path)) throw new UsageError(`--file: ${path} is given twice`);
    files[path] = textOf(resolve(cwd, file), file);
  }
  return files;
}

function textOf(path: string, shown: string): string {
  let bytes: Buffer;
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new UsageError(`--file: ${shown} is no file: name a file of text`);
    if (found.size > MOST_BYTES)
      throw new UsageError(`--file: ${shown} has ${found.size} bytes; accepted: up to ${MOST_BYTES}`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--file: ${shown} cannot be read: ${messageOf(error)}`);
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes))
    throw new UsageError(`--file: ${shown} is not text in UTF-8: a start file is text`);
  return text;
}
