/**
 * Where code of users is in the files that they have written: a stack names the places of the code that runs, which a compiler or
 * the loader of guests may have made of those files. Reads source maps, only when a place is to be shown.
 */
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { unguarded } from './ambient/stepping.ts';

// Saved before steps are guarded: this reads on behalf of the harness.
const { readFileSync } = fs;

/** A place in a file as its author wrote it. */
export interface Position {
  /** An absolute path. */
  readonly file: string;
  /** Counted from 1, like the column. */
  readonly line: number;
  readonly column: number;
}

/** Returns the column in the file for a place of the code that was compiled. Both are counted from 1. */
type ColumnOf = (line: number, column: number) => number;

const columns = new Map<string, ColumnOf>();
const maps = new Map<string, SourceMap | null>();

/** A file whose code was changed within its lines before it was compiled. */
export function compiledWithColumns(file: string, columnOf: ColumnOf): void {
  columns.set(file, columnOf);
}

/**
 * Where a place of a stack is in the file as it was written: with the columns before the file was changed, and in the source that its
 * source map names, if it has one.
 *
 * @param file an absolute path; anything else is returned as it is
 */
export function originalPosition(file: string, line: number, column: number): Position {
  const own = columns.get(file)?.(line, column) ?? column;
  const here = { file, line, column: own };
  if (!path.isAbsolute(file)) return here;
  let map = maps.get(file);
  if (map === undefined) {
    map = unguarded(() => sourceMapOf(file));
    maps.set(file, map);
  }
  return (map === null ? null : mapped(map, here)) ?? here;
}

function mapped(map: SourceMap, { file, line, column }: Position): Position | null {
  let entry = map.findEntry(line - 1, column - 1);
  // The code before the first place of a line that the map knows, such as its indentation, belongs to this line too.
  if ('generatedLine' in entry && entry.generatedLine !== line - 1)
    entry = map.findEntry(line - 1, Number.MAX_SAFE_INTEGER);
  if (!('originalSource' in entry) || entry.generatedLine !== line - 1) return null;
  const { originalSource, originalLine, originalColumn } = entry;
  // Without a source, the place is of code that the compiler added.
  if (typeof originalSource !== 'string') return null;
  const written = path.resolve(path.dirname(file), originalSource.replace(/^file:\/\//, ''));
  return { file: written, line: originalLine + 1, column: originalColumn + 1 };
}

/** `null` if there is none, or it cannot be read. A map of the same name, `daemon.js.map`, need not be named in the file. */
function sourceMapOf(file: string): SourceMap | null {
  try {
    const url =
      readFileSync(file, 'utf8')
        .match(/^\/\/[#@] sourceMappingURL=\S+$/gm)
        ?.at(-1)
        ?.replace(/^.*?=/, '') ?? `${encodeURIComponent(path.basename(file))}.map`;
    const [, base64] = /^data:application\/json[^,]*;base64,(.*)$/.exec(url) ?? [];
    const text =
      base64 === undefined
        ? readFileSync(path.resolve(path.dirname(file), decodeURIComponent(url)), 'utf8')
        : Buffer.from(base64, 'base64').toString();
    return new SourceMap(JSON.parse(text));
  } catch {
    return null;
  }
}
