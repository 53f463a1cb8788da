/**
 * The folder of a storm, and what a storm has left that was itself ended by SIGKILL. Another storm ends only processes that have the secret word
 * of the ended one in their environment, and removes only its folder.
 */

import { randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listPids, readBootId, readPidNamespace, readStat, readVariable } from '../node/identity.ts';
import { pauseNow } from '../real/pause.ts';
import { MARKER } from './surroundings.ts';

const PREFIX = 'os-storm-';
const RECORD = 'storm.json';
const GONE_WITHIN_MS = 5_000;
const POLL_MS = 10;

interface Recorded {
  readonly word: string;
  readonly pid: number;
  readonly startTicks: number;
  readonly bootId: string;
  readonly pidNamespace: string;
}

/** A new folder, with a record of whose it is. */
export function openFolder(): { readonly directory: string; readonly word: string } {
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  const word = randomBytes(16).toString('hex');
  const record: Recorded = {
    ...{ word, pid: process.pid, startTicks: readStat(process.pid).startTicks },
    ...{ bootId: readBootId(), pidNamespace: readPidNamespace() },
  };
  writeFileSync(join(directory, RECORD), JSON.stringify(record), { mode: 0o600 });
  return { directory, word };
}

/** Removes what storms have left that were ended by SIGKILL. @returns how many processes and folders it found */
export function cleanUp(): { readonly processes: number; readonly folders: number } {
  let processes = 0;
  let folders = 0;
  for (const name of namesIn(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(tmpdir(), name);
    const record = recordIn(directory);
    if (record === null || isRunning(record)) continue;
    processes += endAll(record.word);
    rmSync(directory, { recursive: true, force: true });
    folders++;
  }
  return { processes, folders };
}

/** Ends all processes with this word, and waits until they are gone. @returns how many there were */
export function endAll(word: string): number {
  const found = new Set<number>();
  for (let waited = 0; waited < GONE_WITHIN_MS; waited += POLL_MS) {
    const left = listPids().filter((pid) => pid !== process.pid && belongs(pid, word));
    if (left.length === 0) break;
    for (const pid of left) {
      found.add(pid);
      endOne(pid, word);
    }
    pauseNow(POLL_MS);
  }
  return found.size;
}

function endOne(pid: number, word: string): void {
  try {
    const { startTicks } = readStat(pid);
    // Both belong to the same process.
    if (belongs(pid, word) && readStat(pid).startTicks === startTicks) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function belongs(pid: number, word: string): boolean {
  try {
    return readVariable(pid, MARKER)?.split(':')[0] === word;
  } catch {
    return false;
  }
}

/** `null` if it is not a folder of ours with a record, or if its storm ran where nothing can be said of its processes. */
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
