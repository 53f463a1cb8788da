import fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

/** The names under which a module finds what is its process's own; in the order in which {@link Compiled} takes them. */
export const PARAMETERS = [
  'exports',
  'require',
  'module',
  '__filename',
  '__dirname',
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

export type Compiled = (...args: unknown[]) => unknown;

/** A file of a package, read once. */
export type Source =
  | { readonly kind: 'code'; readonly run: Compiled; readonly filename: string }
  | { readonly kind: 'json'; readonly text: string; readonly filename: string };

/** A guest asks for what cannot be given: says what, and what can be done. */
export class GuestError extends Error {
  override readonly name = 'GuestError';
}

// Taken once: these read the host's disk on behalf of the harness, also while guests are kept from it.
const { readFileSync } = fs;

const sources = new Map<string, Source>();
const resolved = new Map<string, string>();

/** The file, or the bare name of a built-in module, that a name means in a file. */
export function resolveFrom(filename: string, name: string): string {
  const key = `${filename}\0${name}`;
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const found = isBuiltin(name) ? name.replace(/^node:/, '') : createRequire(filename).resolve(name);
  resolved.set(key, found);
  return found;
}

/** CommonJS or JSON; compiled once, however many processes run it. */
export function sourceOf(filename: string): Source {
  const known = sources.get(filename);
  if (known !== undefined) return known;
  const source = load(filename);
  sources.set(filename, source);
  return source;
}

function load(filename: string): Source {
  const extension = path.extname(filename);
  if (extension === '.node') {
    throw new GuestError(`${filename} is native code: a simulated process cannot run it`);
  }
  const text = readFileSync(filename, 'utf8').replace(/^\uFEFF/, '');
  if (extension === '.json') return { kind: 'json', text, filename };
  try {
    const code = text.replace(/^#!.*/, '');
    const run = vm.compileFunction(code, [...PARAMETERS], { filename }) as Compiled;
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

/** The version of a package as a file would find it; null: it is not installed. */
export function installedVersion(from: string, name: string): string | null {
  try {
    const { version } = createRequire(from)(`${name}/package.json`) as { version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}
