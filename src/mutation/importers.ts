import { readdirSync, readFileSync } from 'node:fs';

/** The compiled modules: those of this very package. */
const ROOT = new URL('..', import.meta.url);

/** Static imports and exports, as the compiler writes them: at the beginning of a line, in single or double quotes. */
const IMPORT = /^(?:import|export)\s(?:[^'"();=]*?\sfrom\s)?\s*['"](\.[^'"]+)['"]/gm;

/** For each module those that import it. URLs. */
let graph: ReadonlyMap<string, readonly string[]> | undefined;

/** The URL of a compiled module. @param source its source, below `src` */
export function compiledUrl(source: string): string {
  return new URL(source.replace(/\.ts$/, '.js'), ROOT).href;
}

/** The URLs of all modules that import a module, directly or through others, and its own. @param url of a compiled module */
export function importersOf(url: string): ReadonlySet<string> {
  graph ??= readGraph();
  const importers = new Set([url]);
  for (const module of importers) for (const by of graph.get(module) ?? []) importers.add(by);
  return importers;
}

function readGraph(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of readdirSync(ROOT, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue;
    const url = new URL(file.replaceAll('\\', '/'), ROOT);
    for (const [, specifier] of readFileSync(url, 'utf8').matchAll(IMPORT)) {
      const to = new URL(specifier!, url).href;
      found.set(to, [...(found.get(to) ?? []), url.href]);
    }
  }
  return found;
}
