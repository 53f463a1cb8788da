/** The three forms of a function of `node:fs`: with a callback, at once (`…Sync`), and with a promise. */
import { promisify } from 'node:util';
import { type Caller, runAsPromise, runLater, runNow, type Script } from '../script.ts';
import { invalidType, toOptions } from './arguments.ts';
import { fileOf } from './file-handle.ts';
import type * as scripts from './scripts/index.ts';

/** A function of Node as a script. */
export type Call = (...args: unknown[]) => Script<unknown>;

/** The same name as in Node, since libraries wrap functions by name. */
export function asPromise(caller: Caller, name: string, call: Call): unknown {
  return { [name]: (...args: unknown[]) => runAsPromise(caller, call(...args.map(fileOf))) }[name];
}

export function withCallback(caller: Caller, name: string, call: Call): unknown {
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
  readv: (value) => [
    null,
    (value as scripts.VectorResult).bytesRead,
    (value as scripts.VectorResult).buffers,
  ],
  writev: (value) => [
    null,
    (value as scripts.VectorResult).bytesWritten,
    (value as scripts.VectorResult).buffers,
  ],
  write: (value) => [
    null,
    (value as scripts.WriteResult).bytesWritten,
    (value as scripts.WriteResult).buffer,
  ],
};

export function atOnce(caller: Caller, name: string, call: Call): unknown {
  switch (name) {
    case 'read':
      return (...args: unknown[]) => (runNow(caller, call(...args)) as scripts.ReadResult).bytesRead;
    case 'write':
      return (...args: unknown[]) => (runNow(caller, call(...args)) as scripts.WriteResult).bytesWritten;
    case 'readv':
      return (...args: unknown[]) => (runNow(caller, call(...args)) as scripts.VectorResult).bytesRead;
    case 'writev':
      return (...args: unknown[]) => (runNow(caller, call(...args)) as scripts.VectorResult).bytesWritten;
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
