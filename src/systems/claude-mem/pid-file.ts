import { hasCode, type Ports } from '../../ports/index.ts';
import { PID_FILE, TCP_PORT } from './setup.ts';

/** What a worker writes of itself. `startToken` since later: when the process began. */
interface PidRecord {
  readonly pid: number;
  readonly port: number;
  readonly startToken?: string | null;
}

/** Empties the file, then writes: who reads in between reads nothing. */
export async function writePidFile(ports: Ports): Promise<void> {
  const { pid, startTicks } = await ports.process.self();
  const record: PidRecord = { pid, port: TCP_PORT, startToken: String(startTicks) };
  await ports.fs.writeFile(PID_FILE, JSON.stringify(record));
}

/** Of #1085: whoever bears the PID counts. */
export async function cleanByPid(ports: Ports): Promise<void> {
  const record = parse(await ports.fs.readIfThere(PID_FILE));
  if (record !== null && !(await exists(ports, record.pid))) await ports.fs.unlinkIfThere(PID_FILE);
}

/** As it is today. Whatever cannot be parsed, or names a process that is gone or another, is removed. */
export async function validatePidFile(ports: Ports): Promise<'alive' | 'none'> {
  const text = await ports.fs.readIfThere(PID_FILE);
  if (text === null) return 'none';
  const record = parse(text);
  if (record !== null && (await isOwned(ports, record))) return 'alive';
  await ports.fs.unlinkIfThere(PID_FILE);
  return 'none';
}

/** A start token that is missing, here or there, counts as the right one. */
async function isOwned(ports: Ports, { pid, startToken }: PidRecord): Promise<boolean> {
  if (!(await exists(ports, pid))) return false;
  if (!startToken) return true;
  try {
    return String((await ports.process.info(pid)).startTicks) === startToken;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return true;
    throw error;
  }
}

async function exists({ process }: Ports, pid: number): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function parse(text: string | null): PidRecord | null {
  try {
    return JSON.parse(text ?? '') as PidRecord;
  } catch {
    return null;
  }
}
