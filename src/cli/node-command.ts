/** The command after `--`: which file Node is to run, with which arguments. */
import { accessSync, closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { UsageError } from './errors.ts';

export interface NodeCommand {
  /** An absolute path. */
  readonly file: string;
  readonly args: readonly string[];
}

const SCRIPT = /\.[cm]?[jt]s$/;
const SHEBANG_BYTES = 256;

/** @throws UsageError if it is no command of Node */
export function nodeCommandOf(words: readonly string[], cwd: string): NodeCommand {
  const [first, ...rest] = words;
  if (first === undefined)
    throw new UsageError('simulate needs a command after --, such as -- node cli.js start');
  if (/^node(?:\.exe)?$/.test(basename(first))) {
    const [script, ...args] = rest;
    if (script === undefined) throw new UsageError('node needs a file: simulate -- node cli.js start');
    if (script.startsWith('-'))
      throw new UsageError(
        `simulate runs a file, and takes no options of node: got ${script}; accepted: -- node FILE ARG…`,
      );
    return { file: existing(resolve(cwd, script), script), args };
  }
  const file = isFile(resolve(cwd, first)) ? resolve(cwd, first) : binOf(first, cwd);
  if (file === null)
    throw new UsageError(
      `simulate runs programs of Node: ${JSON.stringify(first)} is neither a file nor in node_modules/.bin; accepted: -- node FILE ARG…, -- FILE ARG…, or the name of an installed bin`,
    );
  const real = realpathSync(file);
  if (!SCRIPT.test(real) && !/^#!.*\bnode\b/.test(headOf(real)))
    throw new UsageError(
      `simulate runs programs of Node: ${first} is none (its name does not end with .js, .mjs, .cjs or .ts, and its first line does not name node)`,
    );
  return { file, args: rest };
}

function existing(path: string, word: string): string {
  if (isFile(path)) return path;
  throw new UsageError(`there is no file ${word}: looked for ${path}`);
}

/** An installed bin, as `npx` finds it: from the working directory upwards. */
function binOf(name: string, cwd: string): string | null {
  if (name.includes('/') || name.includes(delimiter)) return null;
  for (let at = cwd; ; at = resolve(at, '..')) {
    const path = join(at, 'node_modules/.bin', name);
    if (isFile(path)) return path;
    if (resolve(at, '..') === at) return null;
  }
}

function isFile(path: string): boolean {
  try {
    accessSync(path);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function headOf(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(SHEBANG_BYTES);
    return bytes.toString('utf8', 0, readSync(fd, bytes)).split('\n')[0]!;
  } finally {
    closeSync(fd);
  }
}
