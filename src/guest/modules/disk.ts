/** The files of programs on the real disk: the only place of this folder that reads it. */
import fs from 'node:fs';
import { ambient } from '../../host/index.ts';

// Saved before guests are guarded: these read on behalf of the harness.
const { readFileSync, readdirSync, readlinkSync, realpathSync, statSync } = fs;

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

/** What a program can read of a file or folder. */
export type Entry =
  | { readonly kind: 'file'; readonly data: Uint8Array }
  | { readonly kind: 'directory'; readonly entries: readonly { name: string; kind: EntryKind }[] };
export type EntryKind = 'file' | 'directory' | 'symlink';

const entries = new Map<string, Entry | null>();

/** As it was when it was read first in this process; `null` if there is nothing, or nothing that can be read. */
export function entryAt(path: string): Entry | null {
  let entry = entries.get(path);
  if (entry === undefined) {
    entry = readEntry(path);
    entries.set(path, entry);
  }
  return entry;
}

/** Where a symbolic link leads to; `null` if the path is none. */
export function linkAt(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function readEntry(path: string): Entry | null {
  const { stepping } = ambient;
  // Not the program reads, although in one of its steps; and Node reads bytes by functions that are guarded.
  ambient.stepping = false;
  try {
    const kind = fileKind(path);
    if (kind === null) return null;
    if (kind === 'file') return statSync(path).isFile() ? { kind: 'file', data: readFileSync(path) } : null;
    const list = readdirSync(path, { withFileTypes: true })
      .filter((each) => each.isFile() || each.isDirectory() || each.isSymbolicLink())
      .map((each) => ({
        name: each.name,
        kind: (each.isFile() ? 'file' : each.isDirectory() ? 'directory' : 'symlink') as EntryKind,
      }));
    return { kind: 'directory', entries: list };
  } catch {
    return null;
  } finally {
    ambient.stepping = stepping;
  }
}
