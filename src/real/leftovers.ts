/**
 * The temporary folder of something that starts processes, and what one has left that was itself ended by SIGKILL. The next one of the same kind
 * ends only processes that have the secret word of the ended one in their environment, and removes only its folder.
 */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listPids, readBootId, readPidNamespace, readStat, readVariable } from '../node/identity.ts';
import { pauseNow } from './pause.ts';

const RECORD = 'of.json';
const GONE_WITHIN_MS = 5_000;
const POLL_MS = 10;

/** What has such folders. */
export interface FolderKind {
  /** With which their names begin, such as `os-storm-`. */
  readonly prefix: string;
  /** The variable that has the secret word, beside others, in the environment of all that is started. */
  readonly marker: string;
}

interface Recorded {
  readonly word: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  readonly pidNamespace: string;
}

/** A new folder, with a record of whose it is. @param word 32 hexadecimal digits @returns its path */
export function openFolder({ prefix }: FolderKind, word: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  const record: Recorded = {
    ...{ word, pid: process.pid, startTicks: readStat(process.pid).startTicks },
    ...{ bootId: readBootId(), pidNamespace: readPidNamespace() },
  };
  writeFileSync(join(directory, RECORD), JSON.stringify(record), { mode: 0o600 });
  return directory;
}

/** Removes what others of this kind have left that were ended by SIGKILL. @returns how many processes and folders it found */
export function cleanUp(kind: FolderKind): { readonly processes: number; readonly folders: number } {
  let processes = 0;
  let folders = 0;
  for (const name of namesIn(tmpdir())) {
    if (!name.startsWith(kind.prefix)) continue;
    const directory = join(tmpdir(), name);
    const record = recordIn(directory);
    if (record === null || isRunning(record)) continue;
    processes += endAll(kind, record.word);
    rmSync(directory, { recursive: true, force: true });
    folders++;
  }
  return { processes, folders };
}

/** Ends all processes with this word, and waits until they are gone. @returns how many there were */
export function endAll({ marker }: FolderKind, word: string): number {
  const found = new Set<number>();
  for (let waited = 0; waited < GONE_WITHIN_MS; waited += POLL_MS) {
    const left = listPids().filter((pid) => pid !== process.pid && belongs(pid, marker, word));
    if (left.length === 0) break;
    for (const pid of left) {
      found.add(pid);
      endOne(pid, marker, word);
    }
    pauseNow(POLL_MS);
  }
  return found.size;
}

function endOne(pid: number, marker: string, word: string): void {
  try {
    const { startTicks } = readStat(pid);
    // Both belong to the same process.
    if (belongs(pid, marker, word) && readStat(pid).startTicks === startTicks) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function belongs(pid: number, marker: string, word: string): boolean {
  try {
    return readVariable(pid, marker)?.split(/[ :]/).includes(word) ?? false;
  } catch {
    return false;
  }
}

/** `null` if it is not a folder of ours with a record, or if it was opened where nothing can be said of its processes. */
function recordIn(directory: string): Recorded | null {
  try {
    const folder = lstatSync(directory);
    const file = lstatSync(join(directory, RECORD));
    const uid = process.getuid!();
    if (!folder.isDirectory() || folder.uid !== uid || !file.isFile() || file.uid !== uid) return null;
    const record = JSON.parse(readFileSync(join(directory, RECORD), 'utf8')) as Recorded;
    if (!/^[0-9a-f]{32}$/.test(record.word) || !Number.isSafeInteger(record.pid)) return null;
    const isHere = record.bootId !== readBootId() || record.pidNamespace === readPidNamespace();
    return isHere ? record : null;
  } catch {
    return null;
  }
}

function isRunning({ pid, startTicks, bootId }: Recorded): boolean {
  if (bootId !== readBootId()) return false;
  try {
    return readStat(pid).startTicks === startTicks;
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
