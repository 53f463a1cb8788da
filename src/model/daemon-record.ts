import { z } from 'zod';
import { isSystemError, type Ports } from '../ports/index.ts';
import { parseAs } from './json.ts';
import { readFound } from './read-found.ts';

/** More than any status of ours: what is longer is none. */
const MAX_RECORD_BYTES = 65_536;

const statusShape = z.object({
  pid: z.int().min(1),
  startTicks: z.int().min(0).nullable(),
  socketPath: z.string(),
  config: z.string(),
});

/** What a daemon answers at its Unix socket, and what its record on disk says of it. */
export interface DaemonStatus {
  readonly pid: number;
  /** With the PID it names the process. Null: it does not say; then whoever bears the PID passes for it. */
  readonly startTicks: number | null;
  /** Where it believes that it listens. */
  readonly socketPath: string;
  /** Names the configuration that it runs under, as a hash does: equal means the same. */
  readonly config: string;
}

/** Whether the record on disk names this daemon at this socket, which is what clients go by. */
export async function recordMatches(
  path: string,
  live: Pick<DaemonStatus, 'pid' | 'socketPath'>,
  ports: Pick<Ports, 'fs'>,
): Promise<boolean> {
  const record = await readRecord(path, ports);
  return record !== null && record.pid === live.pid && record.socketPath === live.socketPath;
}

/** Writes the record of a daemon anew if it does not name it. True: it had to. */
export async function reconcileRecord(
  path: string,
  live: DaemonStatus,
  ports: Ports,
  temporaryPath?: string,
): Promise<boolean> {
  if (await recordMatches(path, live, ports)) return false;
  await writeRecord(path, live, ports, temporaryPath);
  ports.mark('reconciled', { pid: live.pid });
  return true;
}

/** Null: missing, torn, of another kind, or hostile. */
export async function readRecord(path: string, ports: Pick<Ports, 'fs'>): Promise<DaemonStatus | null> {
  try {
    return parseStatus(await readFound(ports, path, MAX_RECORD_BYTES));
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** Whole the moment it is visible: written under another name first. */
export async function writeRecord(
  path: string,
  status: DaemonStatus,
  { fs, process }: Pick<Ports, 'fs' | 'process'>,
  temporaryPath?: string,
): Promise<void> {
  const temporary = temporaryPath ?? `${path}.${(await process.self()).pid}.tmp`;
  await fs.writeFile(temporary, formatStatus(status));
  await fs.rename(temporary, path);
}

export function formatStatus(status: DaemonStatus): string {
  return JSON.stringify(status);
}

/** Null: not a status. Never throws. */
export function parseStatus(text: string): DaemonStatus | null {
  if (text.length > MAX_RECORD_BYTES) return null;
  return parseAs(statusShape, text);
}
