import { isSystemError, type Ports } from '../ports/index.ts';
import { parseAs } from './json.ts';
import { readFound } from './read-found.ts';
import { int, nullable, object, text } from './shape.ts';

/** Our statuses are shorter: a longer text is not a status. */
const MAX_RECORD_BYTES = 65_536;

const statusShape = object({
  pid: int(1),
  startTicks: nullable(int(0)),
  socketPath: text(),
  config: text(),
});

/** What a daemon answers at its Unix socket, and what its record on disk contains. */
export interface DaemonStatus {
  readonly pid: number;
  /** With the PID it identifies the process. `null` if unknown: then any process with that PID counts as the daemon. */
  readonly startTicks: number | null;
  /** The path at which it believes it is listening. */
  readonly socketPath: string;
  /** Identifies its configuration, for example by a hash. */
  readonly config: string;
}

/** Whether the record on disk, which clients use, names this daemon at this socket. */
export async function recordMatches(
  path: string,
  live: Pick<DaemonStatus, 'pid' | 'socketPath'>,
  ports: Pick<Ports, 'fs'>,
): Promise<boolean> {
  const record = await readRecord(path, ports);
  return record !== null && record.pid === live.pid && record.socketPath === live.socketPath;
}

/** Rewrites the record if it does not name this daemon. Returns whether it did. */
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

/** `null` if it is missing, torn, malformed or hostile. */
export async function readRecord(path: string, ports: Pick<Ports, 'fs'>): Promise<DaemonStatus | null> {
  try {
    return parseStatus(await readFound(ports, path, MAX_RECORD_BYTES));
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** Writes to a temporary file and renames it, so that the record is complete the moment it is visible. */
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

/** `null` if it is not a status. Never throws. */
export function parseStatus(json: string): DaemonStatus | null {
  if (json.length > MAX_RECORD_BYTES) return null;
  return parseAs(statusShape, json);
}
