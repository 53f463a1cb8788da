/** `node FILE ARGUMENTS`, as a program starts it. */
import { posix } from 'node:path';
import type { Program } from '../../ports/index.ts';
import { environmentOf } from '../environment.ts';
import { runMainFile } from '../main-file.ts';
import { fileKind, readText, realPath } from '../modules/disk.ts';
import { GuestError } from '../modules/guest-error.ts';
import { nodeRuntime, type Runtime } from '../runtime.ts';

/** Options whose value is the next word. */
const WITH_VALUE: ReadonlySet<string> = new Set(['-C', '--conditions', '--title', '--stack-trace-limit']);
/** Options that change which code runs. */
const REFUSED =
  /^(?:-e|--eval|-p|--print|-pe|-r|--require|--import|--loader|--experimental-loader|-i|--interactive|--test|--watch|--run|-c|--check|--input-type.*|-)$/;

interface NodeLine {
  readonly execArgv: readonly string[];
  readonly file: string | undefined;
  readonly args: readonly string[];
}

function parsed(words: readonly string[]): NodeLine {
  let at = 0;
  while (at < words.length && words[at]!.startsWith('-') && words[at] !== '--') {
    at += WITH_VALUE.has(words[at]!) ? 2 : 1;
  }
  const execArgv = words.slice(0, at);
  if (words[at] === '--') at++;
  return { execArgv, file: words[at], args: words.slice(at + 1) };
}

/** What its processes are called: the name of the file. */
export function nodeCommandName([, ...words]: readonly string[]): string {
  const { file } = parsed(words);
  return (file === undefined ? 'node' : posix.basename(file)).replace(/[^\w.@-]/g, '_');
}

/** Whether it is the path of a file whose first line names node. */
export function runsByNode(path: string): boolean {
  return (
    posix.isAbsolute(path) && fileKind(path) === 'file' && /^#!.*\bnode\b/.test(readText(path).slice(0, 200))
  );
}

export const nodeCommand: Program = nodeRuntime((runtime) => {
  const { simulated, argv, guest } = runtime;
  const { execArgv, file, args } = parsed(argv);
  if (execArgv.includes('-v') || execArgv.includes('--version')) {
    (guest.stdout as { write(text: string): void }).write(`${guest.version}\n`);
    return 0;
  }
  const refused = execArgv.find((word) => REFUSED.test(word)) ?? (file === undefined ? 'no file' : undefined);
  if (refused !== undefined)
    throw new GuestError(
      `node ${argv.join(' ')}: got ${refused}: a simulated process can start "node FILE ARGUMENTS" only. Write the code into a file, or name a command of the scenario instead`,
    );
  const filename = found(posix.resolve(simulated.cwd, file!));
  if (filename === null) return missing(runtime, posix.resolve(simulated.cwd, file!));
  return runMainFile(runtime, { filename, args, execArgv, env: environmentOf(simulated.env) });
});

/** As Node does it: the file itself, with an extension, or in a folder. */
function found(path: string): string | null {
  for (const each of [path, `${path}.js`, `${path}.json`, posix.join(path, 'index.js')])
    if (fileKind(each) === 'file') return realPath(each);
  return null;
}

function missing({ guest }: Runtime, path: string): number {
  const text = `Error: Cannot find module '${path}'\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js ${guest.version}\n`;
  (guest.stderr as { write(text: string): void }).write(`node:internal/modules/cjs/loader\n${text}`);
  return 1;
}
