import { hasCode, type Ports } from '../../ports/index.ts';
import { CDP_PORT, LOCK, PROFILE } from './setup.ts';

/** What the lock file says of its owner. (Times are ISO texts in the file; here they are milliseconds.) */
export interface LockRecord {
  pid: number;
  port: number;
  userDataDir: string;
  startedAt: number;
  lastHeartbeatAt: number;
  hostname: string;
}

export type Acquired =
  | { readonly kind: 'held'; readonly record: LockRecord }
  | { readonly kind: 'duplicate'; readonly owner: LockRecord };

/**
 * `open(wx)`, write, close. The file is there already: its owner lives, as far as signal 0 tells: refuse. Otherwise (dead,
 * or nothing that can be read): remove it, and once more.
 */
export async function acquire(ports: Ports, record: LockRecord): Promise<Acquired> {
  const { fs } = ports;
  await fs.mkdir(LOCK.slice(0, LOCK.lastIndexOf('/')), { recursive: true });
  for (;;) {
    try {
      await fs.writeFile(LOCK, formatRecord(record), { flag: 'wx', mode: 0o600 });
      return { kind: 'held', record };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const found = await readRecord(ports);
    if (isRecord(found) && (await isPidAlive(found.pid, ports))) return { kind: 'duplicate', owner: found };
    await remove(ports, isRecord(found) ? 'dead' : found);
  }
}

/** Nothing if somebody else's PID is in it. */
export async function release(ports: Ports): Promise<void> {
  const found = await readRecord(ports);
  if (isRecord(found) && found.pid !== (await ports.process.self()).pid) return;
  await remove(ports, 'own');
}

/** By descriptor, so that it never brings a lock to life again that has been removed; but in two steps. */
export async function heartbeat({ fs, clock }: Ports, pid: number): Promise<void> {
  let fd: number | null = null;
  try {
    fd = await fs.open(LOCK, 'r+');
    const record = parseRecord(await fs.read(fd, 4_096));
    if (record?.pid !== pid) return;
    const updated = { ...record, lastHeartbeatAt: await clock.wallMs() };
    await fs.ftruncate(fd, 0);
    await fs.write(fd, formatRecord(updated), 0);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  } finally {
    if (fd !== null) await fs.close(fd);
  }
}

/** Why a lock file is removed: what was read, before it was. */
export type Judged = 'dead' | 'unreadable' | 'missing' | 'half-zombie' | 'own';

/** Says `removed-…` if it did: which judgement was acted upon, for whoever asks why there are two owners. */
export async function remove({ fs, mark }: Ports, judged: Judged): Promise<void> {
  if (await fs.unlinkIfThere(LOCK)) mark(`removed-${judged}`);
}

export async function recordOf({ process, clock }: Ports, hostname: string): Promise<LockRecord> {
  const { pid } = await process.self();
  const nowMs = await clock.wallMs();
  return { pid, port: CDP_PORT, userDataDir: PROFILE, startedAt: nowMs, lastHeartbeatAt: nowMs, hostname };
}

export async function readRecord({ fs }: Pick<Ports, 'fs'>): Promise<LockRecord | 'unreadable' | 'missing'> {
  try {
    return parseRecord(await fs.readFile(LOCK)) ?? 'unreadable';
  } catch (error) {
    return hasCode(error, 'ENOENT') ? 'missing' : 'unreadable';
  }
}

export function isRecord(found: LockRecord | string): found is LockRecord {
  return typeof found !== 'string';
}

export function parseRecord(text: string): LockRecord | null {
  try {
    const record = JSON.parse(text) as Partial<LockRecord> | null;
    const whole = Number.isSafeInteger(record?.pid) && Number.isSafeInteger(record?.port);
    return whole && typeof record?.userDataDir === 'string' ? (record as LockRecord) : null;
  } catch {
    return null;
  }
}

export function formatRecord(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** EPERM: it lives, and is somebody else's. */
export async function isPidAlive(pid: number, { process }: Pick<Ports, 'process'>): Promise<boolean> {
  if (pid <= 0) return false;
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
