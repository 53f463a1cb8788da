/**
 * Reads and compiles the files that a program may load, before its first run: a large program takes seconds for it, and a step of a run may
 * not. They are found by what they name in their text. One that is named in another way is compiled when it is loaded.
 */

import { resolveImport } from './esm/resolve-import.ts';
import { exportNamesOf } from './export-names.ts';
import { isFile, resolveFrom } from './resolve.ts';
import { type Source, sourceOf } from './source.ts';

/** What is named in the text, other than by an import at the top: `require('pkg')`, `import('pkg')`, and every `'./file.js'`. */
const NAMED =
  /\b(?:require|require\.resolve|__os_import|import)\s*\(\s*(?:"([^"\n]+)"|'([^'\n]+)')|["'](\.{1,2}\/[^"'\n]*\.[cm]?[jt]s)["']/g;
/** A program that may load more has the rest compiled when it loads it. */
const MOST_FILES = 5_000;

/** @param main an absolute path. What cannot be loaded fails when the program loads it. */
export function prepareFiles(main: string, most = MOST_FILES): void {
  const seen = new Set([main]);
  for (const file of seen) {
    for (const next of namedIn(file)) if (seen.size < most) seen.add(next);
  }
}

function namedIn(file: string): string[] {
  try {
    const source = sourceOf(file);
    if (source.kind === 'commonjs') exportNamesOf(file);
    return namesOf(source).flatMap((name) => resolved(file, name, source.kind));
  } catch {
    return [];
  }
}

function namesOf(source: Source): string[] {
  if (source.kind === 'json') return [];
  const text = source.kind === 'module' ? source.code.body : source.text;
  const top = source.kind === 'module' ? source.code.requests.map(({ specifier }) => specifier) : [];
  return [
    ...top,
    ...Array.from(text.matchAll(NAMED), ([, double, single, path]) => (double ?? single ?? path)!),
  ];
}

function resolved(from: string, name: string, kind: Source['kind']): string[] {
  try {
    const id = kind === 'module' ? resolveImport(name, from) : resolveFrom(from, name);
    const [path = ''] = id.split('\0');
    return isFile(path) ? [path] : [];
  } catch {
    return [];
  }
}
