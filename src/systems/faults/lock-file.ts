/** The lock file of these examples, with every guard as a rule that can be left out. */
import { hasCode, isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { sleepForever } from '../vocabulary/index.ts';

export const DIRECTORY = '/state';
export const LOCK = `${DIRECTORY}/lock`;

/** What a lock file of these examples says. */
export interface LockRecord {
  pid: number;
  startTicks: number;
  bootId: string;
  hostname: string;
  token: number;
}

/** The parts of a lock that can have a guard. The default is the careful way. */
export interface LockRules {
  /** Whether the owner that a record names still holds the lock. */
  isHeld(record: LockRecord, ports: Ports): Promise<boolean>;
  /** What a lock file that cannot be read as a record means. */
  unreadable?: 'held' | 'stale';
  /** What an error while reading it means. */
  unreadableBy?: 'held' | 'stale';
  /** Whether a write that fell short is continued. */
  writesOn?: boolean;
}

/**
 * Takes the lock file, if no process holds it. The scenarios that use it start one process after the other, so that only
 * their fault can break it, and not the race that every lock of this form has.
 *
 * @returns our record; null if another process holds it
 */
export async function takeLock(ports: Ports, rules: LockRules): Promise<LockRecord | null> {
  const { fs, process } = ports;
  await fs.mkdir(DIRECTORY, { recursive: true });
  const { pid, startTicks, bootId, hostname } = await process.self();
  let token = 1;
  const found = await readLock(ports);
  if (found === 'unreadable') {
    if ((rules.unreadable ?? 'held') === 'held') return null;
  } else if (found === 'failed') {
    if ((rules.unreadableBy ?? 'held') === 'held') return null;
  } else if (found !== 'none') {
    if (await rules.isHeld(found, ports)) return null;
    token = found.token + 1;
  }
  const record = { pid, startTicks, bootId, hostname, token };
  await writeWhole(ports, LOCK, `${JSON.stringify(record)}\n`, { writesOn: rules.writesOn ?? true });
  return record;
}

/** Takes the lock and keeps it. @param withToken whether it names its fencing token */
export function keeper(rules: LockRules, { withToken = false } = {}): Program {
  return async (ports) => {
    const record = await takeLock(ports, rules);
    if (record === null) return 0;
    if (withToken) ports.mark('own', { token: record.token });
    else ports.mark('own');
    return sleepForever(ports);
  };
}

async function readLock({ fs }: Pick<Ports, 'fs'>): Promise<LockRecord | 'none' | 'unreadable' | 'failed'> {
  try {
    return parseRecord(await fs.readFile(LOCK)) ?? 'unreadable';
  } catch (error) {
    return hasCode(error, 'ENOENT') ? 'none' : 'failed';
  }
}

/**
 * The file is complete when it becomes visible. With `syncs` it also survives a power cut: its content reaches the disk
 * before its name, because a name whose content is lost is an empty file afterwards.
 */
export async function writeWhole(
  ports: Ports,
  path: string,
  text: string,
  { syncs = false, writesOn = true } = {},
): Promise<void> {
  const { fs, process } = ports;
  const temporary = `${path}.${(await process.self()).pid}`;
  if (writesOn) await fs.writeFile(temporary, text);
  else await withFile(ports, temporary, 'w', (fd) => fs.write(fd, text));
  if (syncs) await sync(ports, temporary);
  await fs.rename(temporary, path);
  if (syncs) for (const directory of [DIRECTORY, '/']) await sync(ports, directory);
}

function sync(ports: Ports, path: string): Promise<void> {
  return withFile(ports, path, 'r', (fd) => ports.fs.fsync(fd));
}

/** As `fs.writeSync(fd, text)` does, it ignores the result. */
async function withFile(
  { fs }: Ports,
  path: string,
  flag: 'r' | 'w',
  use: (fd: number) => Promise<unknown>,
): Promise<void> {
  const fd = await fs.open(path, flag);
  await use(fd);
  await fs.close(fd);
}

/** Null unless it is a whole record. */
function parseRecord(text: string): LockRecord | null {
  if (!text.endsWith('\n')) return null;
  try {
    const record = JSON.parse(text) as Partial<LockRecord> | null;
    return typeof record?.pid === 'number' && typeof record.token === 'number'
      ? (record as LockRecord)
      : null;
  } catch {
    return null;
  }
}

/** Boot, PID and start time together name a process. */
export async function isAlive(record: LockRecord, { process }: Pick<Ports, 'process'>): Promise<boolean> {
  const { bootId } = await process.self();
  if (record.bootId !== bootId) return false;
  try {
    const { startTicks, state } = await process.info(record.pid);
    return startTicks === record.startTicks && state !== 'zombie';
  } catch {
    return false;
  }
}

/** A program that ends with 74 (EX_IOERR) when an operation fails. */
export function ending(program: Program): Program {
  return async (ports, argv) => {
    try {
      return await program(ports, argv);
    } catch (error) {
      if (isSystemError(error)) return 74;
      throw error;
    }
  };
}
