/** Which names of a CommonJS module an ES module can import: found in its text before it runs, by the lexer that Node uses too. */
import { initSync, parse } from 'cjs-module-lexer';
import { isFile, resolveFrom } from './resolve.ts';
import { sourceOf } from './source.ts';

const known = new Map<string, ReadonlySet<string>>();

/** Compiles the lexer: before a run, as its programs cannot reach WebAssembly. */
export function prepareLexer(): void {
  initSync();
}

export function exportNamesOf(filename: string): ReadonlySet<string> {
  let names = known.get(filename);
  if (names === undefined) {
    names = new Set(namesIn(filename, new Set()));
    known.set(filename, names);
  }
  return names;
}

function namesIn(filename: string, seen: Set<string>): string[] {
  if (seen.has(filename)) return [];
  seen.add(filename);
  const source = sourceOf(filename);
  if (source.kind !== 'commonjs') return [];
  try {
    const { exports, reexports } = parse(source.text);
    const passed = reexports.flatMap((name) => {
      const id = resolveFrom(filename, name);
      return isFile(id) ? namesIn(id, seen) : [];
    });
    return [...exports, ...passed].filter((name) => name !== 'default');
  } catch {
    // As in Node: without names.
    return [];
  }
}
