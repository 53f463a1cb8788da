/**
 * Which files a check has loaded, and where it has looked for them, reported by the process that checks to the one that watches. Node reports modules that are imported or
 * required if this variable is set, as it does for `node --watch`; files that jiti compiles are found in `require.cache`.
 */
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPORT_LOADED = { WATCH_REPORT_DEPENDENCIES: '1' } as const;
const KEYS = ['watch:import', 'watch:require'] as const;
/** Ours; Node has no message for it. */
const SEARCHED = 'watch:searched';

/** Reports what Node does not. Does nothing in a process that nothing watches. */
export function reportLoaded(): void {
  if (process.send === undefined || process.env.WATCH_REPORT_DEPENDENCIES === undefined) return;
  process.send({ 'watch:require': Object.keys(createRequire(import.meta.url).cache) });
}

/** Reports a folder in which scenario files were looked for, also if there were none. */
export function reportSearched(folder: string): void {
  if (process.send === undefined || process.env.WATCH_REPORT_DEPENDENCIES === undefined) return;
  process.send({ [SEARCHED]: folder });
}

/** The folder in a message of the process that checks. */
export function searchedIn(message: unknown): string | null {
  const folder = (message as Record<string, unknown> | null)?.[SEARCHED];
  return typeof folder === 'string' ? folder : null;
}

/** The files of the project in a message of the process that checks. Packages are not watched. */
export function loadedIn(message: unknown): string[] {
  if (typeof message !== 'object' || message === null) return [];
  return KEYS.flatMap((key) => (message as Record<string, unknown>)[key] ?? []).flatMap(pathOf);
}

function pathOf(module: unknown): string[] {
  if (typeof module !== 'string') return [];
  const path = module.startsWith('file:') ? fileURLToPath(withoutQuery(module)) : module;
  return isAbsolute(path) && !path.split(/[\\/]/).includes('node_modules') ? [path] : [];
}

/** Modules are loaded several times, with a number in their query, to find shared memory. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}
