/** Makes the declarations (.d.ts) that tsc emits those of the package. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = resolve(import.meta.dirname, '../src');
const SPECIFIER = /((?:\bfrom|\bimport\(|^import) ?['"])([^'"]+)(['"])/gm;

/**
 * Lets them import each other as `.js`, and removes those that no entry needs, and their maps.
 *
 * @param {string} dist the folder
 * @param {object} exports of package.json
 */
export function finishDeclarations(dist, exports) {
  const entries = Object.values(exports).flatMap(({ types }) => types ?? []);
  const needed = new Set(entries.map((path) => join(dist, path.replace(/^\.\/dist\//, ''))));
  for (const file of needed) {
    // tsc leaves them as they are in the source. No map changes, because the length is the same.
    const text = readFileSync(file, 'utf8').replace(
      SPECIFIER,
      (_, before, to, after) => `${before}${to.startsWith('.') ? to.replace(/\.ts$/, '.js') : to}${after}`,
    );
    writeFileSync(file, text);
    relocate(`${file}.map`, join(dist, '../src'));
    for (const to of importsOf(text))
      if (to.startsWith('.')) needed.add(join(dirname(file), to.replace(/\.js$/, '.d.ts')));
  }
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const file = join(dist, name);
    if (/\.d\.ts(?:\.map)?$/.test(file) && !needed.has(file.replace(/\.map$/, ''))) rmSync(file);
  }
}

/** Lets a map point to src/ next to dist/, also where that is another folder than the one that tsc has read. */
function relocate(map, src) {
  const { sources, ...rest } = JSON.parse(readFileSync(map, 'utf8'));
  const moved = sources.map((source) =>
    relative(dirname(map), join(src, relative(SRC, resolve(dirname(map), source)))).replaceAll('\\', '/'),
  );
  writeFileSync(map, JSON.stringify({ ...rest, sources: moved }));
}

/** What a declaration imports. @param {string} text as tsc prints it */
export function importsOf(text) {
  return [...text.matchAll(SPECIFIER)].map(([, , specifier]) => specifier);
}
