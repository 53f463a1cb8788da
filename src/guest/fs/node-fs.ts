import { promisify } from 'node:util';
import { ignore } from '../../ports/ignore.ts';
import { type Ports, seamOf } from '../../ports/index.ts';
import { type Caller, immediateOf, runAsPromise, runLater, runNow, type Script } from '../script.ts';
import { invalidType, toOptions } from './arguments.ts';
import { CONSTANTS } from './constants.ts';
import { Dir } from './dir.ts';
import { FileHandle, fileOf } from './file-handle.ts';
import * as scripts from './scripts/index.ts';
import { BigIntStats, Dirent, Stats } from './stats.ts';
import { streamsOf } from './streams.ts';

/** A function of Node as a script. */
type Call = (...args: unknown[]) => Script<unknown>;

/** Callbacks of {@link nodeFs}; all are optional. */
export interface NodeFsHooks {
  /** Called when something starts, and when it ends, that keeps the process alive. */
  begun?: () => void;
  over?: () => void;
}

/**
 * Implements `node:fs` over the ports of a process: with callbacks, under `promises`, and, on a simulated machine, as `…Sync`.
 * Each object has its own functions, which stay the same at each access, because libraries patch them and keep state on them.
 * A call makes the same operations as in Node, see `scripts/`. Missing: `watch`, `cp`, and what the machine has no
 * operation for (`fchown`, `lchown`, `lutimes`).
 */
export function nodeFs(ports: Ports, { begun = ignore, over = ignore }: NodeFsHooks = {}): NodeFs {
  const { machine, process } = seamOf(ports);
  const caller: Caller = { machine, process, begun, over };
  const context: scripts.Context = {
    wallMs: () => immediateOf(machine).readClock(process, 'wall'),
    randomHex: (bytes) => immediateOf(machine).randomHex(process, bytes),
  };
  const native = (...args: unknown[]) => scripts.realpathNative(...(args as [unknown]));
  // realpath needs the working directory, which the ports of a real machine do not offer.
  const realpath = (...args: unknown[]): Script<unknown> => {
    const cwd = (process as { cwd?: string } | null)?.cwd;
    return cwd === undefined ? native(...args) : scripts.realpath(cwd, ...(args as [unknown]));
  };
  const calls: Readonly<Record<string, Call>> = {
    ...PLAIN,
    utimes: (...args) => scripts.utimes(context, ...(args as [unknown, unknown, unknown])),
    futimes: (...args) => scripts.futimes(context, ...(args as [unknown, unknown, unknown])),
    opendir: (...args) => openDir(caller, args),
    mkdtemp: (...args) => scripts.mkdtemp(context, ...(args as [unknown])),
    realpath,
  };
  const fs: NodeFs = { constants: CONSTANTS, Stats, BigIntStats, Dirent, Dir, promises: {} };
  for (const [name, call] of Object.entries(calls)) {
    fs[name] = withCallback(caller, name, call);
    fs[`${name}Sync`] = atOnce(caller, name, call);
    if (!NO_PROMISE.has(name)) {
      // The same name as in Node, since libraries wrap functions by name.
      fs.promises[name] = { [name]: (...args: unknown[]) => runAsPromise(caller, call(...args.map(fileOf))) }[
        name
      ];
    }
  }
  Object.assign(fs.realpath as object, { native: withCallback(caller, 'realpath', native) });
  Object.assign(fs.realpathSync as object, { native: atOnce(caller, 'realpath', native) });
  for (const [name, bit] of Object.entries({ F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 })) fs[name] = bit;
  Object.assign(fs.promises, {
    constants: CONSTANTS,
    realpath: (...args: unknown[]) => runAsPromise(caller, native(...args)),
    open: async (path: unknown, flags?: unknown, mode?: unknown) =>
      new FileHandle(caller, await runAsPromise(caller, scripts.open(path, flags, mode)), context),
  });
  Object.assign(fs, streamsOf(fs));
  return fs;
}

function* openDir(caller: Caller, [path, options]: unknown[]): Script<Dir> {
  const opened = yield* scripts.opendir(path, options);
  return new Dir(caller, opened.path, opened.fd, options);
}

/** Untyped, like the JavaScript that uses it. To use it in TypeScript, cast it to `typeof import('node:fs')`. */
export interface NodeFs {
  [name: string]: unknown;
  readonly promises: Record<string, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: each script checks its own arguments.
const untyped = (script: (...args: any[]) => Script<unknown>): Call => script;

const PLAIN: Readonly<Record<string, Call>> = {
  access: untyped(scripts.access),
  appendFile: untyped(scripts.appendFile),
  chmod: untyped(scripts.chmod),
  chown: untyped(scripts.chown),
  close: untyped(scripts.close),
  copyFile: untyped(scripts.copyFile),
  exists: untyped(scripts.exists),
  fchmod: untyped(scripts.fchmod),
  fdatasync: untyped(scripts.fsync),
  fstat: untyped(scripts.fstat),
  fsync: untyped(scripts.fsync),
  ftruncate: untyped(scripts.ftruncate),
  link: untyped(scripts.link),
  lstat: untyped(scripts.lstat),
  mkdir: untyped(scripts.mkdir),
  open: untyped(scripts.open),
  read: untyped(scripts.read),
  readFile: untyped(scripts.readFile),
  readdir: untyped(scripts.readdir),
  readlink: untyped(scripts.readlink),
  rename: untyped(scripts.rename),
  rm: untyped(scripts.rm),
  rmdir: untyped(scripts.rmdir),
  stat: untyped(scripts.stat),
  symlink: untyped(scripts.symlink),
  truncate: untyped(scripts.truncate),
  unlink: untyped(scripts.unlink),
  write: untyped(scripts.write),
  writeFile: untyped(scripts.writeFile),
};

/** Functions without a counterpart in `promises`, or with a different one. */
const NO_PROMISE: ReadonlySet<string> = new Set([
  'close',
  'exists',
  'fchmod',
  'fdatasync',
  'fstat',
  'fsync',
  'ftruncate',
  'futimes',
  'open',
  'read',
  'write',
]);

function withCallback(caller: Caller, name: string, call: Call): unknown {
  const wrapped = {
    [name](...args: unknown[]): void {
      const last = args.length - 1;
      let callback = args[last];
      if (typeof callback === 'function') args.pop();
      else if (name === 'close' && last === 0) callback = rethrow;
      else throw invalidType('cb', 'of type function', callback);
      runLater(caller, call(...args), deliver(name, callback as Callback));
    },
  }[name]!;
  const results = RESULTS[name];
  if (results !== undefined) {
    Object.defineProperty(wrapped, promisify.custom, {
      value: (...args: unknown[]) => runAsPromise(caller, call(...args)),
    });
  }
  return wrapped;
}

type Callback = (...results: unknown[]) => void;

function deliver(name: string, callback: Callback): (error: unknown, value?: unknown) => void {
  const results = RESULTS[name];
  return (error, value) => {
    if (error !== null) callback(error);
    else if (results !== undefined) callback(...results(value));
    else if (value === undefined) callback(null);
    else callback(null, value);
  };
}

/** The arguments of callbacks that differ from (null, result). */
const RESULTS: Readonly<Record<string, (value: unknown) => unknown[]>> = {
  exists: (value) => [value],
  read: (value) => [null, (value as scripts.ReadResult).bytesRead, (value as scripts.ReadResult).buffer],
  write: (value) => [
    null,
    (value as scripts.WriteResult).bytesWritten,
    (value as scripts.WriteResult).buffer,
  ],
};

function atOnce(caller: Caller, name: string, call: Call): unknown {
  switch (name) {
    case 'read':
      return (...args: unknown[]) => (runNow(caller, call(...args)) as scripts.ReadResult).bytesRead;
    case 'write':
      return (...args: unknown[]) => (runNow(caller, call(...args)) as scripts.WriteResult).bytesWritten;
    case 'exists':
      return (...args: unknown[]) => runNow(caller, existsQuietly(call, args));
    case 'stat':
    case 'lstat':
      return (...args: unknown[]) => statNow(caller, call, args);
    default:
      return (...args: unknown[]) => runNow(caller, call(...args));
  }
}

/** `existsSync` returns false for invalid arguments. */
function* existsQuietly(call: Call, args: unknown[]): Script<unknown> {
  try {
    return yield* call(...args);
  } catch (error) {
    if (String((error as { code?: unknown }).code).startsWith('ERR_INVALID_ARG_')) return false;
    throw error;
  }
}

function statNow(caller: Caller, call: Call, args: unknown[]): unknown {
  try {
    return runNow(caller, call(...args));
  } catch (error) {
    const { code } = error as { code?: unknown };
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    if (missing && toOptions(args[1]).throwIfNoEntry === false) return undefined;
    throw error;
  }
}

const rethrow = (error: unknown): void => {
  if (error !== null) throw error;
};
