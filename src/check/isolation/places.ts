// Finds the file and line of variables, and drops those outside the project.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Closures } from './closures.ts';
import { isProjects } from './fresh-url.ts';
import type { Variable } from './memory.ts';

/** This package's compiled modules. */
const OWN = new URL('../../', import.meta.url).href;
const OWN_PATH = fileURLToPath(OWN);

/** The URLs or paths of scripts of this thread, as far as they were needed. */
const urls = new Map<string, string>();

/** Where a variable is declared. */
export interface VariablePlace {
  readonly name: string;
  /** `null` for a global variable. */
  readonly file: string | null;
  /** Counted from 1; `null` if unknown. */
  readonly line: number | null;
}

/** The variables that belong to the project, with their locations. Slow, because it uses V8's debugger. */
export function placesOf<T extends Variable>(
  closures: Closures,
  variables: readonly T[],
): (VariablePlace & { readonly of: T })[] {
  if (variables.length === 0) return [];
  return closures.withScripts(
    (scriptId, url) => urls.set(scriptId, url),
    () => variables.flatMap((variable) => placeOf(closures, variable) ?? []),
  );
}

export function describePlace({ name, file, line }: VariablePlace): string {
  if (file === null) return name;
  return `${name} (${file}${line === null ? '' : `:${line}`})`;
}

function placeOf<T extends Variable>(closures: Closures, of: T): (VariablePlace & { readonly of: T }) | null {
  const { name, location } = of;
  if (location === null) return { name, file: null, line: null, of };
  const url = urls.get(location.scriptId)?.replace(/\?.*$/, '') ?? '';
  if (!isProjects(url, OWN) || url.startsWith(OWN_PATH)) return null;
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const { scriptId, line } = location;
  const { scriptSource } = closures.post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId });
  return { name, file, line: lineOf(name.split('.')[0]!, scriptSource, line, url), of };
}

/** The closest declaration before the function, otherwise the first; `null` if the script differs from the file. */
function lineOf(name: string, source: string, before: number, url: string): number | null {
  const literal = name.replace(/\$/g, '\\$');
  const declaration = new RegExp(
    `\\b(?:let|var|const)\\s[^;(]*(?<![\\w$.])${literal}\\s*(?:[=,;:}\\]]|$)|\\b(?:class|function\\*?)\\s+${literal}(?![\\w$])`,
  );
  const lines = source.split('\n');
  const declared = lines.flatMap((text, line) => (declaration.test(text) ? [line] : []));
  const line = declared.filter((at) => at <= before).at(-1) ?? declared[0];
  if (line === undefined) return null;
  const map = /^\/\/# sourceMappingURL=data:application\/json;.*base64,(\S+)\s*$/m.exec(source)?.[1];
  if (map === undefined) return url.startsWith('file:') ? line + 1 : null;
  const found = new module.SourceMap(JSON.parse(Buffer.from(map, 'base64').toString())).findEntry(
    line,
    lines[line]!.search(new RegExp(`(?<![\\w$.])${literal}(?![\\w$])`)),
  );
  return 'originalLine' in found ? found.originalLine + 1 : null;
}
