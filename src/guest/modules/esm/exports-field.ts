/** The fields `exports` and `imports` of a package.json: which file a name stands for, as Node resolves it. */
import { join, relative } from 'node:path';
import type { Package } from '../package-scope.ts';

/** Those of `import`; `node-addons` is left out, as native code cannot run. */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/** A file; another name, for `imports`; `null` if the package says that there is none. */
export type Target = { readonly file: string } | { readonly name: string } | null;

/** @param subpath `.` or `./name` @throws Error ERR_PACKAGE_PATH_NOT_EXPORTED */
export function exportOf(from: Package, subpath: string, importer: string): string {
  const { exports } = from;
  const map = isConditional(exports) ? { '.': exports } : (exports as Record<string, unknown>);
  const target = matchIn(from, map, subpath, false);
  if (target !== null && target !== undefined && 'file' in target) return target.file;
  const what =
    subpath === '.'
      ? 'No "exports" main defined'
      : `Package subpath '${subpath}' is not defined by "exports"`;
  throw coded(
    new Error(`${what} in ${join(from.folder, 'package.json')} imported from ${importer}`),
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
  );
}

/** @param name with its `#` @throws TypeError ERR_PACKAGE_IMPORT_NOT_DEFINED */
export function importOf(from: Package | null, name: string, importer: string): Exclude<Target, null> {
  const map = from?.imports;
  const target =
    from === null || typeof map !== 'object' || map === null
      ? null
      : matchIn(from, map as Record<string, unknown>, name, true);
  if (target !== null && target !== undefined) return target;
  const where = from === null ? '' : ` in package ${join(from.folder, 'package.json')}`;
  throw coded(
    new TypeError(`Package import specifier "${name}" is not defined${where} imported from ${importer}`),
    'ERR_PACKAGE_IMPORT_NOT_DEFINED',
  );
}

/** An object of conditions, a string or a list; not one of subpaths. */
function isConditional(exports: unknown): boolean {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return true;
  return !Object.keys(exports).some((key) => key.startsWith('.'));
}

function matchIn(
  from: Package,
  map: Record<string, unknown>,
  name: string,
  isImport: boolean,
): Target | undefined {
  if (Object.hasOwn(map, name) && !name.includes('*')) return targetOf(from, map[name], null, isImport);
  // The pattern with the longest start.
  const patterns = Object.keys(map)
    .filter((key) => matches(key, name))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length);
  const [key] = patterns;
  if (key === undefined) return null;
  const at = key.indexOf('*');
  return targetOf(from, map[key], name.slice(at, name.length - (key.length - at - 1)), isImport);
}

function matches(pattern: string, name: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return false;
  return name.startsWith(start) && name.endsWith(end) && name.length >= pattern.length && name !== start;
}

/** `undefined`: no condition holds, so the next one is tried. */
function targetOf(
  from: Package,
  target: unknown,
  star: string | null,
  isImport: boolean,
): Target | undefined {
  if (typeof target === 'string') {
    const whole = star === null ? target : target.replaceAll('*', star);
    if (target.startsWith('./')) {
      const file = join(from.folder, whole);
      if (/^\.\.|(?:^|[\\/])node_modules[\\/]/.test(relative(from.folder, file))) return null;
      return { file };
    }
    return isImport && !target.startsWith('../') && !target.startsWith('/') ? { name: whole } : null;
  }
  if (Array.isArray(target)) {
    for (const each of target) {
      const found = targetOf(from, each, star, isImport);
      if (found !== null && found !== undefined) return found;
    }
    return null;
  }
  if (typeof target !== 'object' || target === null) return null;
  for (const [condition, inner] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const found = targetOf(from, inner, star, isImport);
    if (found !== undefined) return found;
  }
  return undefined;
}

function coded<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
