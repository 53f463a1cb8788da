/** The files of guests: read and compiled once, for all processes. */
import path from 'node:path';
import vm from 'node:vm';
import { readText } from './disk.ts';
import { GuestError } from './guest-error.ts';

/** What Node gives a module, in this order. */
export const MODULE_PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'] as const;

/** The names of the globals that differ between processes, in the order of the parameters of {@link Compiled}. */
export const GLOBAL_PARAMETERS = [
  'process',
  'global',
  'globalThis',
  'Date',
  'Math',
  'performance',
  'crypto',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'fetch',
] as const;

/** Takes the globals of a process. @returns the module as a function, as Node has it: it may declare names of globals for itself */
export type Compiled = (...globals: unknown[]) => (...args: unknown[]) => unknown;

/** A file of a package, read once. */
export type Source =
  | { readonly kind: 'code'; readonly run: Compiled; readonly filename: string }
  | { readonly kind: 'json'; readonly text: string; readonly filename: string };

const sources = new Map<string, Source>();

/** CommonJS or JSON, compiled once for all processes. */
export function sourceOf(filename: string): Source {
  const known = sources.get(filename);
  if (known !== undefined) return known;
  const source = load(filename);
  sources.set(filename, source);
  return source;
}

/** Whether a path is that of a module that a guest has loaded. */
export function isSource(filename: string): boolean {
  return sources.has(filename);
}

function load(filename: string): Source {
  const extension = path.extname(filename);
  if (extension === '.node') {
    throw new GuestError(`${filename} is native code: a simulated process cannot run it`);
  }
  const text = readText(filename).replace(/^\uFEFF/, '');
  if (extension === '.json') return { kind: 'json', text, filename };
  try {
    const head = `return function (${MODULE_PARAMETERS.join(', ')}) {`;
    const code = `${head}${text.replace(/^#!.*/, '')}\n}`;
    const run = vm.compileFunction(code, [...GLOBAL_PARAMETERS], {
      filename,
      columnOffset: -head.length,
    }) as Compiled;
    return { kind: 'code', run, filename };
  } catch (error) {
    const hint = /import|export/.test((error as Error).message)
      ? ': it is an ES module, and a simulated process runs CommonJS only. Bundle it as CommonJS, or write it with the ports'
      : '';
    throw new GuestError(`${filename} cannot be compiled: ${(error as Error).message}${hint}`, {
      cause: error,
    });
  }
}
