/** What of the machine a storm uses if it is there. */
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const LIBRARIES = ['/usr/lib', '/usr/local/lib', '/usr/lib64'];
/** For programs with threads first. */
const NAMES = ['libfaketimeMT.so.1', 'libfaketime.so.1'];

export function hasTool(name: string): boolean {
  return 'found' in commandFile(name, '/');
}

/** The file that a word of a command line starts, as a shell finds it. */
export function commandFile(
  word: string,
  cwd: string,
): { readonly found: string } | { readonly error: 'missing' | 'not executable' | 'a folder' } {
  const paths = word.includes('/')
    ? [resolve(cwd, word)]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(resolve(cwd, folder), word));
  let error: 'missing' | 'not executable' | 'a folder' = 'missing';
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (stats.isDirectory()) {
      if (word.includes('/')) error = 'a folder';
      continue;
    }
    try {
      accessSync(path, constants.X_OK);
      return { found: path };
    } catch {
      error = 'not executable';
    }
  }
  return { error };
}

/** The library that changes the clock of a program; `null` if it is not installed. */
export function libfaketime(): string | null {
  for (const library of LIBRARIES) {
    if (!existsSync(library)) continue;
    const folders = [library, ...readdirSync(library).map((name) => join(library, name))];
    for (const folder of folders)
      for (const name of NAMES)
        for (const path of [join(folder, 'faketime', name), join(folder, name)])
          if (isFile(path)) return path;
  }
  return null;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
