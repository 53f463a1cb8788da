/** The files that a round has written. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pidIn } from '../judge/index.ts';

/** Where what is written lies, and by which path the programs know it. */
export interface Written {
  readonly at: string;
  readonly path: string;
}

export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly isSocket: boolean;
}

/** A program may write thousands of files: more than these are not looked at. */
const MOST_FILES = 5_000;
/** More than any file that only says who owns. */
const PID_FILE_BYTES = 16_384;

/** Files and sockets, sorted by path. Removed ones of before the round are left out. */
export function writtenFiles(roots: readonly Written[]): WrittenFile[] {
  const found: WrittenFile[] = [];
  for (const { at, path } of roots) walk(at, path, found);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function walk(at: string, path: string, found: WrittenFile[]): void {
  let entries: ReturnType<typeof entriesOf>;
  try {
    entries = entriesOf(at);
  } catch {
    return;
  }
  for (const entry of entries) {
    if (found.length >= MOST_FILES) return;
    const below = [join(at, entry.name), join(path, entry.name)] as const;
    if (entry.isDirectory()) walk(...below, found);
    else if (entry.isFile() || entry.isSocket())
      found.push({ path: below[1], bytes: sizeOf(below[0]), isSocket: entry.isSocket() });
  }
}

function entriesOf(at: string) {
  return readdirSync(at, { withFileTypes: true });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The PID in a file; `null` if it has none, `undefined` if there is no such file. */
export function pidInFile(path: string): number | null | undefined {
  try {
    if (statSync(path).size > PID_FILE_BYTES) return null;
    return pidIn(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The files that name one of these processes, in the order of their paths. */
export function pidFilesOf(files: readonly WrittenFile[], pids: ReadonlySet<number>): string[] {
  return files.flatMap(({ path, bytes, isSocket }) => {
    if (isSocket || bytes === 0 || bytes > PID_FILE_BYTES) return [];
    const pid = pidInFile(path);
    return pid != null && pids.has(pid) ? [path] : [];
  });
}
