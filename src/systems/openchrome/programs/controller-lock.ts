/** The lock file of openchrome 1.12.7, which names the session that controls a Chrome. */
import { hasCode, type Ports } from '../../../ports/index.ts';
import { isPidAlive, parseAny } from '../../vocabulary/index.ts';
import { VERSION } from '../constants.ts';
import { CDP_PORT, directoryOf, LOCK, PROFILE } from '../setup.ts';

/** What the lock file says about its owner. (Times are ISO texts in the file; here they are milliseconds.) */
export interface LockRecord {
  pid: number;
  command: readonly string[];
  version: string;
  cwd: string;
  port: number;
  userDataDir: string;
  startedAt: number;
  lastHeartbeatAt: number;
  lifecycleMode: 'auto';
  /** A broker listens for HTTP, another session reads its standard input. */
  transportMode: 'stdio' | 'http';
  hostname: string;
}

export type Acquired =
  | { readonly kind: 'held'; readonly record: LockRecord }
  | { readonly kind: 'duplicate'; readonly owner: LockRecord };

/**
 * `open(wx)`, write, close. If the file is there already and signal 0 says that its owner lives, it refuses. Otherwise (dead,
 * or nothing that can be read) it removes the file and tries again.
 */
export async function acquire(ports: Ports, record: LockRecord): Promise<Acquired> {
  const { fs } = ports;
  await fs.mkdir(directoryOf(LOCK), { recursive: true });
  for (;;) {
    try {
      await fs.writeFile(LOCK, formatRecord(record), { flag: 'wx', mode: 0o600 });
      return { kind: 'held', record };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const found = await readRecord(ports);
    if (isRecord(found) && found.pid > 0 && (await isPidAlive(ports, found.pid)))
      return { kind: 'duplicate', owner: found };
    await remove(ports, isRecord(found) ? 'dead' : found);
  }
}

/** Does nothing if another PID is in it. */
export async function release(ports: Ports): Promise<void> {
  const found = await readRecord(ports);
  if (isRecord(found) && found.pid !== (await ports.process.self()).pid) return;
  await remove(ports, 'own');
}

/** By descriptor, so that it never makes a lock again that has been removed; but in two steps. */
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

/** Why a lock file is removed: what was read before. */
export type Judged = 'dead' | 'unreadable' | 'missing' | 'half-zombie' | 'own';

/** Marks `removed-…` if it did, so that an invariant knows which judgement has led to two owners. */
export async function remove({ fs, mark }: Ports, judged: Judged): Promise<void> {
  if (await fs.unlinkIfThere(LOCK)) mark(`removed-${judged}`);
}

/** @param argv the arguments of `openchrome serve --auto-launch` */
export async function recordOf(
  { process, clock }: Ports,
  hostname: string,
  argv: readonly string[] = [],
): Promise<LockRecord> {
  const { pid } = await process.self();
  return lockRecord({ pid, atMs: await clock.wallMs(), hostname, argv });
}

function lockRecord({ pid, atMs, hostname, argv }: Session): LockRecord {
  return {
    pid,
    command: ['openchrome', 'serve', '--auto-launch', ...argv],
    version: VERSION,
    cwd: '/',
    port: CDP_PORT,
    userDataDir: PROFILE,
    startedAt: atMs,
    lastHeartbeatAt: atMs,
    lifecycleMode: 'auto',
    transportMode: argv.includes('--broker') ? 'http' : 'stdio',
    hostname,
  };
}

interface Session {
  pid: number;
  atMs: number;
  hostname: string;
  argv: readonly string[];
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
  const record = parseAny<Partial<LockRecord>>(text);
  const whole = Number.isSafeInteger(record?.pid) && Number.isSafeInteger(record?.port);
  return whole && typeof record?.userDataDir === 'string' ? (record as LockRecord) : null;
}

function formatRecord(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** The lock file of a process that took it ten minutes ago, and whose Chrome has not answered since. */
export function oldLock(differs: Partial<LockRecord>): Record<string, string> {
  const atMs = Date.UTC(2026, 0, 1) - 600_000;
  const record = lockRecord({ pid: 1_001, atMs, hostname: 'machine', argv: [] });
  return { [LOCK]: formatRecord({ ...record, ...differs }) };
}
