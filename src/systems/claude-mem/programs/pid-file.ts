/** The worker's PID file, and how launchers judge it. */
import type { Ports } from '../../../ports/index.ts';
import { isPidAlive, orElse, parseAny } from '../../vocabulary/index.ts';
import { PID_FILE, TCP_PORT } from '../setup.ts';

/** What a worker writes about itself. `startToken` since later: when the process began. */
interface PidRecord {
  readonly pid: number;
  readonly port: number;
  readonly startToken?: string | null;
}

/** Empties the file, then writes: a reader in between reads nothing. */
export async function writePidFile(ports: Ports): Promise<void> {
  const { pid, startTicks } = await ports.process.self();
  const record: PidRecord = { pid, port: TCP_PORT, startToken: String(startTicks) };
  await ports.fs.writeFile(PID_FILE, JSON.stringify(record));
}

/** Of #1085: any process that has the PID counts. */
export async function cleanByPid(ports: Ports): Promise<void> {
  const record = parseAny<PidRecord>((await ports.fs.readIfThere(PID_FILE)) ?? '');
  if (record !== null && !(await isPidAlive(ports, record.pid))) await ports.fs.unlinkIfThere(PID_FILE);
}

/** As it is today: a file that cannot be parsed, or that names a process that is gone or another, is removed. */
export async function validatePidFile(ports: Ports): Promise<'alive' | 'none'> {
  const text = await ports.fs.readIfThere(PID_FILE);
  if (text === null) return 'none';
  const record = parseAny<PidRecord>(text);
  if (record !== null && (await isOwned(ports, record))) return 'alive';
  await ports.fs.unlinkIfThere(PID_FILE);
  return 'none';
}

/** A start token that is missing, here or there, counts as the right one. */
async function isOwned(ports: Ports, { pid, startToken }: PidRecord): Promise<boolean> {
  if (!(await isPidAlive(ports, pid))) return false;
  if (!startToken) return true;
  const info = await orElse(ports.process.info(pid), null, 'ESRCH');
  return info === null || String(info.startTicks) === startToken;
}
