/** Folders and environment of a round: its own HOME, TMPDIR and XDG directories. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Its value is a secret word, a colon, and the number of the start. All that a start starts inherits it. */
export const MARKER = 'ONE_SURVIVOR_STORM';

/** Short, since a Unix socket may have a path of 107 bytes. */
const FOLDERS: Readonly<Record<string, string>> = {
  HOME: 'home',
  TMPDIR: 'tmp',
  XDG_RUNTIME_DIR: 'run',
  XDG_CONFIG_HOME: 'home/.config',
  XDG_DATA_HOME: 'home/.local/share',
  XDG_STATE_HOME: 'home/.local/state',
  XDG_CACHE_HOME: 'home/.cache',
};
const TOP = ['home', 'tmp', 'run'];

/** Makes them anew, empty. @param directory that of the storm */
export function makeSurroundings(directory: string): void {
  for (const name of TOP) rmSync(join(directory, name), { recursive: true, force: true });
  for (const name of Object.values(FOLDERS))
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
}

/** The folders in which the command writes if it follows the conventions. */
export function foldersOf(directory: string): string[] {
  return TOP.map((name) => join(directory, name));
}

export function surroundings(directory: string): Record<string, string> {
  const own = Object.entries(FOLDERS).map(([name, folder]) => [name, join(directory, folder)] as const);
  const { TMPDIR } = Object.fromEntries(own);
  return { ...Object.fromEntries(own), TEMP: TMPDIR!, TMP: TMPDIR! };
}

/** `~/x.pid` is in the HOME of the round. */
export function expandHome(path: string, directory: string): string {
  if (path === '~') return join(directory, 'home');
  return path.startsWith('~/') ? join(directory, 'home', path.slice(2)) : path;
}

/** The same path as it is to be shown: wherever the storm has its folders. */
export function collapseHome(text: string, directory: string): string {
  return text
    .replaceAll(join(directory, 'home'), '$HOME')
    .replaceAll(join(directory, 'tmp'), '$TMPDIR')
    .replaceAll(join(directory, 'run'), '$XDG_RUNTIME_DIR');
}
