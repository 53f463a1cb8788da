/** Where an ES module is that an import names: Node's algorithm, on the real disk. */
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fileKind, realPath } from '../disk.ts';
import { packageIn, scopeOf } from '../package-scope.ts';
import { exportOf, importOf } from './exports-field.ts';

const resolved = new Map<string, string>();

/** A file, with the query and fragment of its URL; a `data:` URL; or the bare name of a built-in module. */
export function resolveImport(specifier: string, importer: string): string {
  const key = `${importer}\0${specifier}`;
  let found = resolved.get(key);
  if (found === undefined) {
    found = resolveNew(specifier, importer);
    resolved.set(key, found);
  }
  return found;
}

/** The URL of a resolved name. */
export function urlOf(id: string): string {
  if (id.startsWith('data:')) return id;
  const { path, query } = partsOf(id);
  return /^(?:\/|[A-Za-z]:)/.test(path) ? `${pathToFileURL(path).href}${query}` : `node:${id}`;
}

/** `import.meta.resolve`: a URL, whether there is such a file or not. @throws Error if there is no such package */
export function resolveUrl(specifier: string, importer: string): string {
  try {
    return urlOf(resolveImport(specifier, importer));
  } catch (error) {
    const { url } = error as { url?: string };
    if (url === undefined) throw error;
    return url;
  }
}

/** The path of a file without the query of its URL. */
export function partsOf(id: string): { path: string; query: string } {
  // A query follows a NUL, because a file name may have a question mark.
  const at = id.indexOf('\0');
  return at < 0 ? { path: id, query: '' } : { path: id.slice(0, at), query: id.slice(at + 1) };
}

function resolveNew(specifier: string, importer: string): string {
  if (isBuiltin(specifier)) return specifier.replace(/^node:/, '');
  const { path } = partsOf(importer);
  const shown = importer.startsWith('data:') ? importer : path;
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    if (importer.startsWith('data:'))
      throw coded(
        new TypeError(`Failed to resolve module specifier "${specifier}" from "${importer}"`),
        'ERR_UNSUPPORTED_RESOLVE_REQUEST',
      );
    return fileAt(new URL(specifier, pathToFileURL(path)), shown);
  }
  if (/^[a-z][a-z\d+.-]*:/i.test(specifier)) return atUrl(new URL(specifier), shown);
  if (specifier.startsWith('#')) {
    const target = importOf(scopeOf(dirname(path)), specifier, shown);
    return 'file' in target ? existing(target.file, '', shown) : resolveImport(target.name, importer);
  }
  return inPackage(specifier, path, shown);
}

function atUrl(url: URL, importer: string): string {
  if (url.protocol === 'file:') return fileAt(url, importer);
  if (url.protocol === 'data:') return url.href;
  if (url.protocol === 'node:')
    throw coded(new Error(`No such built-in module: ${url.href}`), 'ERR_UNKNOWN_BUILTIN_MODULE');
  throw coded(
    new Error(
      `Only URLs with a scheme in: file, data, and node are supported by the default ESM loader. Received protocol '${url.protocol}'`,
    ),
    'ERR_UNSUPPORTED_ESM_URL_SCHEME',
  );
}

function fileAt(url: URL, importer: string): string {
  return existing(fileURLToPath(url), `${url.search}${url.hash}`, importer);
}

function existing(file: string, query: string, importer: string): string {
  const kind = fileKind(file);
  if (kind !== 'file') {
    const error =
      kind === null
        ? missing(`Cannot find module '${file}' imported from ${importer}`)
        : coded(
            new Error(
              `Directory import '${file}' is not supported resolving ES modules imported from ${importer}`,
            ),
            'ERR_UNSUPPORTED_DIR_IMPORT',
          );
    throw Object.assign(error, { url: `${pathToFileURL(file).href}${query}` });
  }
  const path = realPath(file);
  return query === '' ? path : `${path}\0${query}`;
}

function inPackage(specifier: string, importer: string, shown: string): string {
  const [, name = '', rest = ''] = /^((?:@[^/\\%]+\/)?[^./\\%@][^/\\%]*)(\/.*)?$/.exec(specifier) ?? [];
  if (name === '')
    throw coded(
      new TypeError(`Invalid module "${specifier}" is not a valid package name imported from ${shown}`),
      'ERR_INVALID_MODULE_SPECIFIER',
    );
  const subpath = `.${rest}`;
  const scope = scopeOf(dirname(importer));
  // By its own name a package has what it exports.
  if (scope?.name === name && scope.exports !== undefined)
    return existing(exportOf(scope, subpath, shown), '', shown);
  for (let folder = dirname(importer); ; folder = dirname(folder)) {
    const home = join(folder, 'node_modules', name);
    if (fileKind(home) === 'folder') {
      const found = packageIn(home);
      if (found?.exports !== undefined) return existing(exportOf(found, subpath, shown), '', shown);
      if (rest !== '') return existing(join(home, rest), '', shown);
      return realPath(mainOf(home, found?.main, shown));
    }
    if (dirname(folder) === folder) throw missing(`Cannot find package '${name}' imported from ${shown}`);
  }
}

/** Without `exports`. */
function mainOf(folder: string, main: string | undefined, importer: string): string {
  const tried =
    main === undefined
      ? []
      : ['', '.js', '.json', '.node', '/index.js', '/index.json', '/index.node'].map(
          (end) => `${main}${end}`,
        );
  for (const name of [...tried, 'index.js', 'index.json', 'index.node']) {
    const file = join(folder, name);
    if (fileKind(file) === 'file') return file;
  }
  throw missing(`Cannot find package '${folder}' imported from ${importer}`);
}

function missing(message: string): Error {
  return coded(new Error(message), 'ERR_MODULE_NOT_FOUND');
}

function coded<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
