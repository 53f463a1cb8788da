/** Where the modules of guests are: resolved on the real disk, as Node does it. */
import { createRequire, isBuiltin } from 'node:module';

const resolved = new Map<string, string>();

/** Resolves a name in a file: to a file, or to the bare name of a built-in module. */
export function resolveFrom(filename: string, name: string): string {
  const key = `${filename}\0${name}`;
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const found = isBuiltin(name) ? name.replace(/^node:/, '') : createRequire(filename).resolve(name);
  resolved.set(key, found);
  return found;
}

/** Whether a resolved name is a file, not a built-in module. */
export function isFile(id: string): boolean {
  return id.startsWith('/') || /^[A-Za-z]:/.test(id);
}

/** The version of a package as resolved from a file; `null` if it is not installed. */
export function installedVersion(from: string, name: string): string | null {
  try {
    const { version } = createRequire(from)(`${name}/package.json`) as { version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}
