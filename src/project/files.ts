/**
 * Reads and writes the files in our folder of a project. A repository may have anything there: symbolic links, pipes, files of any size.
 * Only regular files are read, and nothing is written through a link.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** More than the longest token and its log need. Chosen by hand. */
const MOST_BYTES = 64 * 1024 * 1024;
/** A draft of a process that was killed, not of one that is writing. Chosen by hand. */
const OLD_DRAFT_MS = 24 * 60 * 60 * 1_000;
const DRAFT = /\.json\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;
/** Of file systems without hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Reads a regular file. Never waits: a pipe is not opened.
 *
 * @returns `null` if there is none
 * @throws Error if it is no regular file, or too large; an error of the file system
 */
export function readRegularFile(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  refuse(found);
  let fd: number;
  try {
    // Should it be replaced after the look: neither follow a link nor wait for a pipe. Windows has neither flag.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    refuse(fstatSync(fd));
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a file unless its name is taken, be it by a link.
 *
 * @returns whether it was written
 * @throws an error of the file system
 */
export function writeNewFile(path: string, text: string): boolean {
  return unlessTaken(() => writeFileSync(path, text, { flag: 'wx' }));
}

/**
 * Writes a file under another name, then gives it its name: a reader never finds half of it.
 *
 * @param onTaken what to do if the name is taken: replace what has it, or write nothing
 * @returns whether it was written
 * @throws an error of the file system
 */
export function writeWhole(path: string, text: string, onTaken: 'replace' | 'keep'): boolean {
  const draft = join(dirname(path), `${basename(path)}.${randomUUID()}.tmp`);
  try {
    writeFileSync(draft, text, { flag: 'wx', flush: true });
    if (onTaken === 'keep') return linkNew(draft, path);
    renameSync(draft, path);
    return true;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the drafts that processes left in a folder when they were killed. What cannot be removed stays. */
export function removeOldDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!DRAFT.test(name)) continue;
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isFile() || Date.now() - found.mtimeMs < OLD_DRAFT_MS) continue;
    try {
      rmSync(path, { force: true });
    } catch {
      // It is neither read nor committed.
    }
  }
}

/** Unlike a rename, a link does not replace what has the name. */
function linkNew(draft: string, path: string): boolean {
  try {
    return unlessTaken(() => linkSync(draft, path));
  } catch (error) {
    if (!NO_LINKS.includes(codeOf(error) ?? '')) throw error;
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
    renameSync(draft, path);
    return true;
  }
}

function unlessTaken(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function refuse(found: Stats): void {
  if (!found.isFile()) throw new Error(`it is ${kindOf(found)}, and only regular files are read`);
  if (found.size > MOST_BYTES)
    throw new Error(`it has ${found.size} bytes, and at most ${MOST_BYTES} are read`);
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a named pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
