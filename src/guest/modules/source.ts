/** The files of guests: read and compiled once, for all processes. */
import path from 'node:path';
import vm from 'node:vm';
import { compiledWithColumns } from '../../host/index.ts';
import { readText } from './disk.ts';
import { DYNAMIC_IMPORT, type EsmCode, transformModule, transformScript } from './esm/transform.ts';
import { GuestError } from './guest-error.ts';
import { scopeOf } from './package-scope.ts';
import { isTypeScript, withoutTypes } from './types.ts';

/** What Node gives a module, in this order; and what `import()` calls. */
export const MODULE_PARAMETERS = [
  'exports',
  'require',
  'module',
  '__filename',
  '__dirname',
  DYNAMIC_IMPORT,
] as const;

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
  'AbortSignal',
  'Atomics',
  'Function',
] as const;

/** Takes the globals of a process. @returns the module as a function, as Node has it: it may declare names of globals for itself */
export type Compiled = (...globals: unknown[]) => (...args: unknown[]) => unknown;

/** A file, read and compiled once. */
export type Source = CommonJsSource | EsmSource | { readonly kind: 'json'; readonly text: string };

export interface CommonJsSource {
  readonly kind: 'commonjs';
  readonly text: string;
  readonly run: Compiled;
}

export interface EsmSource {
  readonly kind: 'module';
  readonly code: EsmCode;
  readonly run: Compiled;
}

const sources = new Map<string, Source>();

/** @param id a path, or a `data:` URL */
export function sourceOf(id: string): Source {
  const known = sources.get(id);
  if (known !== undefined) return known;
  const source = id.startsWith('data:') ? ofDataUrl(id) : ofFile(id);
  sources.set(id, source);
  return source;
}

/** Whether a path is that of a module that a guest has loaded. */
export function isSource(filename: string): boolean {
  return sources.has(filename);
}

function ofFile(filename: string): Source {
  const extension = path.extname(filename);
  if (extension === '.node' || extension === '.wasm') {
    throw new GuestError(`${filename} is native code: a simulated process cannot run it`);
  }
  const text = readText(filename).replace(/^\uFEFF/, '');
  if (extension === '.json') return { kind: 'json', text };
  const code = isTypeScript(extension) ? withoutTypes(text, filename) : text;
  return isModule(filename, extension) ? esm(filename, code) : commonJs(filename, code);
}

function ofDataUrl(url: string): Source {
  const [, type = '', base64, data = ''] = /^data:([^,;]*)[^,]*?(;base64)?,(.*)$/s.exec(url) ?? [];
  const text = base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString();
  if (type === 'application/json') return { kind: 'json', text };
  if (type === 'text/javascript' || type === 'application/javascript') return esm(url, text);
  throw Object.assign(new TypeError(`Unknown module format: ${type} for URL ${url}`), {
    code: 'ERR_UNKNOWN_MODULE_FORMAT',
  });
}

function isModule(filename: string, extension: string): boolean {
  if (extension === '.mjs' || extension === '.mts') return true;
  if (extension === '.cjs' || extension === '.cts') return false;
  return scopeOf(path.dirname(filename))?.type === 'module';
}

function commonJs(filename: string, text: string): Source {
  try {
    const code = text.replace(/^#!/, '//');
    const changed = /\bimport\s*\(/.test(code) ? (transformScript(code) ?? code) : code;
    const head = `return function (${MODULE_PARAMETERS.join(', ')}) {`;
    return { kind: 'commonjs', text, run: compile(filename, head, changed) };
  } catch (error) {
    return detected(filename, text) ?? refuse(filename, error);
  }
}

/** As in Node 20.19 and later: a file of a package without `type` is an ES module if it has the syntax of one. */
function detected(filename: string, text: string): Source | null {
  if (/\.c[jt]s$/.test(filename) || scopeOf(path.dirname(filename))?.type !== undefined) return null;
  try {
    return esm(filename, text);
  } catch {
    return null;
  }
}

function esm(filename: string, text: string): EsmSource {
  try {
    const code = transformModule(text);
    compiledWithColumns(filename, (line, column) => code.columns.originalOf(line, column));
    return { kind: 'module', code, run: compile(filename, code.head, code.body) };
  } catch (error) {
    return refuse(filename, error);
  }
}

/** @param head in the first line of the file */
function compile(filename: string, head: string, body: string): Compiled {
  return vm.compileFunction(`${head}${body}\n}`, [...GLOBAL_PARAMETERS], {
    filename,
    columnOffset: -head.length,
  }) as Compiled;
}

function refuse(filename: string, cause: unknown): never {
  throw new GuestError(`${filename} cannot be compiled: ${(cause as Error).message}`, { cause });
}
