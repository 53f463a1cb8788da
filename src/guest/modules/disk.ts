/** The files of programs on the real disk: the only place of this folder that reads it. */
import fs from 'node:fs';

// Saved before guests are guarded: these read on behalf of the harness.
const { readFileSync, realpathSync, statSync } = fs;

/** @throws the error of Node */
export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

/** @throws the error of Node */
export function realPath(path: string): string {
  return realpathSync(path);
}

/** `null` if there is nothing. */
export function fileKind(path: string): 'file' | 'folder' | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  return found.isDirectory() ? 'folder' : 'file';
}
