/** A file of JavaScript, unmodified, as a program of a scenario: as if it were run by `node FILE`. */
import { extname, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withCommands } from '../ports/commands.ts';
import type { Program } from '../ports/index.ts';
import { withPreparation } from '../ports/preparation.ts';
import { withFolders } from '../ports/program-folders.ts';
import { commandSet } from './commands/command-set.ts';
import { environmentWith } from './environment.ts';
import { runMainFile } from './main-file.ts';
import { fileKind, realPath } from './modules/disk.ts';
import { GuestError } from './modules/guest-error.ts';
import { prepareFiles } from './modules/prepare.ts';
import { packageFoldersOf } from './package-folders.ts';
import { nodeRuntime } from './runtime.ts';

/** How a file is run. */
export interface NodeProgramOptions {
  /** Arguments after the file. Those of the start in the scenario follow them. */
  readonly args?: readonly string[];
  /** Added to the small environment that every simulated process has (HOME, LANG, PATH, TZ, USER). The real one is never seen. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory on the simulated machine, an absolute path. Default: that of the process, `/`. */
  readonly cwd?: string;
  /**
   * Commands that it and its descendants can start, by name: `{ chrome: nodeProgram('./fake-chrome.js') }`. `node` itself is there
   * already, and small models of `ps`, `lsof`, `kill`, `pkill`, `pgrep`, `sh` and others. Any other command is ENOENT.
   */
  readonly commands?: Readonly<Record<string, Program>>;
}

/** They are on every Linux. */
const USUAL_FOLDERS = ['/run', '/tmp', '/var/lib', '/var/lock', '/var/log', '/var/run', '/var/tmp'];

const OPTIONS = ['args', 'env', 'cwd', 'commands'];

/**
 * A program that runs a file unmodified, as its main module. It has `require`, and its packages from `node_modules`. Everything that it
 * does (files, processes, timers, clocks, random numbers) happens on the simulated machine. Of the real disk it can read its own package, and
 * `node_modules`: a file that the simulated machine does not have is as it was when it was first read. The machine has the folders of the
 * package, those that are on every Linux (such as /tmp, /run, /var/run), its HOME and its working directory.
 *
 * @param file its path or URL, such as `new URL("./daemon.js", import.meta.url)`. A relative path begins at the working directory
 * @throws TypeError if an argument is invalid
 * @throws GuestError if there is no such file, or it cannot be run
 */
export function nodeProgram(file: string | URL, options: NodeProgramOptions = {}): Program {
  const { args, env, cwd, commands } = checked(options);
  const filename = mainFile(file);
  const program = nodeRuntime((runtime) => {
    const { simulated, argv } = runtime;
    if (cwd !== undefined) simulated.cwd = cwd;
    return runMainFile(runtime, {
      filename,
      args: [...args, ...argv],
      env: environmentWith(env, simulated.env),
    });
  });
  const { HOME, TMPDIR = '/tmp' } = environmentWith(env);
  const used = [...USUAL_FOLDERS, HOME, TMPDIR, cwd].filter((path) => path?.startsWith('/')) as string[];
  const folders = [...used, ...packageFoldersOf(filename).list()];
  const whole = withFolders(withCommands(program, commandSet(commands)), folders);
  return withPreparation(whole, () => prepareFiles(filename));
}

function mainFile(file: string | URL): string {
  if (typeof file !== 'string' && !(file instanceof URL))
    throw new TypeError(
      `nodeProgram: file: got ${kindOf(file)}: expected a path, or a URL such as new URL("./daemon.js", import.meta.url)`,
    );
  const path = pathOf(file);
  const kind = fileKind(path);
  if (kind === null)
    throw new GuestError(
      `nodeProgram: ${path} does not exist: expected the file that "node" is started with. A relative path begins at the working directory`,
    );
  if (kind === 'folder')
    throw new GuestError(`nodeProgram: ${path} is a folder: name the file in it that "node" is started with`);
  const filename = realPath(path);
  if (['.node', '.wasm'].includes(extname(filename)))
    throw new GuestError(
      `nodeProgram: ${filename} is native code: a simulated process runs JavaScript files only`,
    );
  return filename;
}

function pathOf(file: string | URL): string {
  const url = file instanceof URL ? file : /^[a-z][a-z+.-]+:/i.test(file) ? new URL(file) : null;
  if (url === null) return resolve(file as string);
  if (url.protocol !== 'file:')
    throw new TypeError(
      `nodeProgram: file: got a URL with ${url.protocol}: expected one with file:, or a path`,
    );
  return fileURLToPath(url);
}

function checked(options: NodeProgramOptions) {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`nodeProgram: options: got ${kindOf(options)}: expected an object`);
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined)
    throw new TypeError(
      `nodeProgram: got the option ${JSON.stringify(unknown)}: expected ${OPTIONS.join(', ')}`,
    );
  const { args = [], env = {}, cwd, commands = {} } = options;
  if (!Array.isArray(args) || args.some((arg) => typeof arg !== 'string'))
    throw new TypeError('nodeProgram: args: expected a list of strings');
  if (
    typeof env !== 'object' ||
    env === null ||
    Object.values(env).some((value) => typeof value !== 'string')
  )
    throw new TypeError('nodeProgram: env: expected an object with a string for each variable');
  if (cwd !== undefined && (typeof cwd !== 'string' || !posix.isAbsolute(cwd)))
    throw new TypeError(
      `nodeProgram: cwd: got ${JSON.stringify(cwd)}: expected an absolute path on the simulated machine`,
    );
  if (typeof commands !== 'object' || commands === null)
    throw new TypeError(`nodeProgram: commands: got ${kindOf(commands)}: expected an object`);
  for (const [name, program] of Object.entries(commands))
    if (typeof program !== 'function' || name.includes('/'))
      throw new TypeError(
        `nodeProgram: commands: ${JSON.stringify(name)}: expected the name of a command without a folder, and a program, such as nodeProgram('./command.js')`,
      );
  return { args: args as readonly string[], env, cwd, commands };
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
