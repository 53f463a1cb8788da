/** Which scenarios of a project were not as expected when they were last checked: the state of `check --last-failed`. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { escapeJson } from '../report/escape.ts';
import { readRegularFile, removeOldDrafts, writeNewFile, writeWhole } from './files.ts';
import { makeFolder } from './make-folder.ts';

/** What may be deleted at any time; git ignores the folder. */
export const CACHE_FOLDER = join('.one-survivor', 'cache');
const FILE = join(CACHE_FOLDER, 'last-run.json');

const shape = z.strictObject({ version: z.literal(2), failed: z.array(z.string()) });

/**
 * @returns an entry for each: FILE#ID, relative to the folder; FILE if it could not be loaded; the ID of a built-in scenario. Empty if
 *   there are none, or if the file is damaged or of an older version
 */
export function lastFailed(folder: string): string[] {
  try {
    return shape.parse(JSON.parse(readRegularFile(join(folder, FILE)) ?? '')).failed;
  } catch {
    // It only saves time, so without it everything is checked.
    return [];
  }
}

/**
 * Adds those that failed now, and removes those that are as expected now; others stay. Writes nothing if nothing has ever failed.
 *
 * @param checked entries of what was checked, and whether each failed
 * @throws Error if it cannot be written
 */
export function rememberFailed(folder: string, checked: ReadonlyMap<string, boolean>): void {
  const before = lastFailed(folder);
  const failed = [
    ...before.filter((word) => !checked.has(word)),
    ...[...checked].filter(([, isBad]) => isBad).map(([word]) => word),
  ];
  const file = join(folder, FILE);
  if (failed.length === 0 && lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  makeFolder(join(folder, CACHE_FOLDER));
  writeNewFile(join(folder, CACHE_FOLDER, '.gitignore'), '*\n');
  removeOldDrafts(join(folder, CACHE_FOLDER));
  writeWhole(file, escapeJson(`${JSON.stringify({ version: 2, failed }, null, 2)}\n`), 'replace');
}
