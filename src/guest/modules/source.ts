/** The files of guests: read and compiled once, for all processes. */
import { SourceMap } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
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

/** A place in a file as its author wrote it. */
export interface Position {
  /** An absolute path. */
  readonly file: string;
  /** Counted from 1, like the column. */
  readonly line: number;
  readonly column: number;
}

const maps = new Map<string, SourceMap | null>();

/**
 * Where a place of a stack is in the file as it was written: with the columns before the file was changed, and in the source that its
 * source map names, if it has one.
 */
export function originalPosition(file: string, line: number, column: number): Position {
  const source = sources.get(file);
  const own = source?.kind === 'module' ? source.code.columns.originalOf(line, column) : column;
  const here = { file, line, column: own };
  if (source === undefined || file.startsWith('data:')) return here;
  let map = maps.get(file);
  if (map === undefined) {
    map = sourceMapOf(file);
    maps.set(file, map);
  }
  const entry = map?.findEntry(line - 1, own - 1);
  if (entry === undefined || !('originalSource' in entry)) return here;
  const { originalSource, originalLine, originalColumn } = entry;
  const written = path.resolve(path.dirname(file), originalSource.replace(/^file:\/\//, ''));
  return { file: written, line: originalLine + 1, column: originalColumn + 1 };
}

/** `null` if the file names none, or it cannot be read. */
function sourceMapOf(file: string): SourceMap | null {
  try {
    const [last] =
      readText(file)
        .match(/^\/\/[#@] sourceMappingURL=\S+$/gm)
        ?.slice(-1) ?? [];
    if (last === undefined) return null;
    const url = last.slice(last.indexOf('=') + 1);
    const [, base64] = /^data:application\/json[^,]*;base64,(.*)$/.exec(url) ?? [];
    const text =
      base64 === undefined
        ? readText(path.resolve(path.dirname(file), decodeURIComponent(url)))
        : Buffer.from(base64, 'base64').toString();
    return new SourceMap(JSON.parse(text));
  } catch {
    return null;
  }
}
