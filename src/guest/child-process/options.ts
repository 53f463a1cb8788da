/** The arguments of spawn, exec and the like, checked and completed as Node does it. */
import { fileURLToPath } from 'node:url';
import { findSignal, type Signal } from '../../ports/index.ts';
import { coded, invalidType, invalidValue } from '../../ports/node-errors.ts';

export type Options = Readonly<Record<string, unknown>>;

/** A command line, and what the child is given. */
export interface Wanted {
  readonly file: string;
  /** The first is `argv0`. */
  readonly args: readonly string[];
  readonly options: Options;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** `(file, args?, options?)` */
export function wantedOf(
  file: unknown,
  second: unknown,
  third: unknown,
  ownEnv: Readonly<Record<string, unknown>>,
): Wanted {
  const word = nonEmpty(file, 'file');
  let list: unknown = second;
  let given: unknown = third;
  if (!Array.isArray(second)) {
    if (second === undefined || second === null) list = [];
    else if (typeof second !== 'object') throw invalidType('args', 'of type object', second);
    else {
      given = second;
      list = [];
    }
  }
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw invalidType('options', 'of type object', given);
  const options = (given ?? {}) as Options;
  const args = (list as unknown[]).map((each, at) => withoutNull(String(each), `args[${at}]`));
  check(options);
  const env = environment(options.env ?? ownEnv);
  const cwd = options.cwd === undefined || options.cwd === null ? undefined : toFolder(options.cwd);
  const argv0 = options.argv0 === undefined ? word : String(options.argv0);
  if (options.shell) {
    const command = [word, ...args].join(' ');
    const shell = typeof options.shell === 'string' ? options.shell : '/bin/sh';
    return { file: shell, args: [shell, '-c', command], options, env, cwd };
  }
  return { file: word, args: [argv0, ...args], options, env, cwd };
}

function check(options: Options): void {
  const { detached, uid, gid, shell, argv0, windowsHide, timeout, killSignal } = options;
  for (const [name, value] of Object.entries({ detached, windowsHide }))
    if (value !== undefined && value !== null && typeof value !== 'boolean')
      throw invalidType(`options.${name}`, 'of type boolean', value);
  for (const [name, value] of Object.entries({ uid, gid }))
    if (value !== undefined && value !== null && !Number.isInteger(value))
      throw invalidType(`options.${name}`, 'int32', value);
  if (shell !== undefined && shell !== null && typeof shell !== 'boolean' && typeof shell !== 'string')
    throw invalidType('options.shell', 'of type boolean or string', shell);
  if (argv0 !== undefined && typeof argv0 !== 'string')
    throw invalidType('options.argv0', 'of type string', argv0);
  if (timeout !== undefined && timeout !== null && !(Number.isInteger(timeout) && (timeout as number) >= 0))
    throw coded(
      new RangeError(
        `The value of "timeout" is out of range. It must be an unsigned integer. Received ${String(timeout)}`,
      ),
      'ERR_OUT_OF_RANGE',
    );
  if (killSignal !== undefined && killSignal !== null) signalOf(killSignal);
}

/** @throws TypeError with Node's code `ERR_UNKNOWN_SIGNAL` */
export function signalOf(given: unknown): Signal | 0 {
  if (given === 0) return 0;
  const name = typeof given === 'string' ? given.toUpperCase() : given;
  const signal = findSignal(name);
  if (signal === null) throw coded(new TypeError(`Unknown signal: ${String(given)}`), 'ERR_UNKNOWN_SIGNAL');
  return signal;
}

function nonEmpty(file: unknown, name: string): string {
  if (typeof file !== 'string') throw invalidType(name, 'of type string', file);
  if (file === '') throw invalidValue(name, 'cannot be empty', file);
  return withoutNull(file, name);
}

function withoutNull(text: string, name: string): string {
  if (text.includes('\0')) throw invalidValue(name, 'must be a string without null bytes', text);
  return text;
}

function toFolder(cwd: unknown): string {
  if (cwd instanceof URL) return fileURLToPath(cwd);
  if (typeof cwd !== 'string')
    throw invalidType('options.cwd', 'of type string or an instance of Buffer or URL', cwd);
  return withoutNull(cwd, 'options.cwd');
}

function environment(given: unknown): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given as object))
    if (value !== undefined) env[name] = withoutNull(String(value), `options.env['${name}']`);
  return env;
}
