/** The package.json that a file belongs to. */
import { dirname, join } from 'node:path';
import { fileKind, readText } from './disk.ts';

export interface Package {
  /** Of its folder. */
  readonly folder: string;
  readonly name?: string;
  readonly type?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
  /** The names of the packages that it depends on. */
  readonly dependencies?: readonly string[];
}

const packages = new Map<string, Package | null>();
const scopes = new Map<string, Package | null>();

/** The package in a folder; `null` if the folder has no package.json. @throws Error if it is not JSON */
export function packageIn(folder: string): Package | null {
  const known = packages.get(folder);
  if (known !== undefined) return known;
  const file = join(folder, 'package.json');
  const found = fileKind(file) === 'file' ? { ...fieldsOf(file), folder } : null;
  packages.set(folder, found);
  return found;
}

/** The package of the files in a folder. As in Node, a folder named node_modules belongs to none. */
export function scopeOf(folder: string): Package | null {
  const known = scopes.get(folder);
  if (known !== undefined) return known;
  const above = dirname(folder);
  const isNone = folder.endsWith('/node_modules') || folder.endsWith('\\node_modules');
  const scope = isNone ? null : (packageIn(folder) ?? (above === folder ? null : scopeOf(above)));
  scopes.set(folder, scope);
  return scope;
}

function fieldsOf(file: string): Omit<Package, 'folder'> {
  let fields: unknown;
  try {
    fields = JSON.parse(readText(file));
  } catch (error) {
    throw Object.assign(new Error(`Invalid package config ${file}. ${(error as Error).message}`), {
      code: 'ERR_INVALID_PACKAGE_CONFIG',
    });
  }
  if (typeof fields !== 'object' || fields === null) return {};
  const { name, type, main, exports, imports, dependencies } = fields as Record<string, unknown>;
  const known = Object.entries({ name, type, main }).filter(([, value]) => typeof value === 'string');
  return { ...Object.fromEntries(known), exports: exports ?? undefined, imports, ...namesIn(dependencies) };
}

function namesIn(dependencies: unknown): Pick<Package, 'dependencies'> {
  return typeof dependencies === 'object' && dependencies !== null
    ? { dependencies: Object.keys(dependencies) }
    : {};
}
