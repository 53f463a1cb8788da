import { hasCode, isSystemError, type Ports, type Program } from '../../ports/index.ts';

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

/** The parts of a lock in which guards are, or are not. Whoever is not told otherwise does the careful thing. */
export interface LockRules {
  /** Whether the owner that a record names still holds the lock. */
  isHeld(record: LockRecord, ports: Ports): Promise<boolean>;
  /** What a lock file that cannot be read as a record means. */
  unreadable?: 'held' | 'stale';
  /** What an error while reading it means. */
  unreadableBy?: 'held' | 'stale';
  parse?: (text: string) => LockRecord | null;
  /** Whether a write that fell short is gone on with. */
  writesOn?: boolean;
}

/**
 * Takes the lock file, if nobody holds it. The scenarios that use it start one process after the other, so that only their
 * fault can break it, and not the race that every lock of this form has.
 *
 * @returns our record; null: somebody holds it
 */
export async function takeLock(ports: Ports, rules: LockRules): Promise<LockRecord | null> {
  const { fs, process } = ports;
  await fs.mkdir(DIRECTORY, { recursive: true });
  const { pid, startTicks, bootId, hostname } = await process.self();
  let token = 1;
  const found = await readLock(ports, rules.parse ?? parseRecord);
  if (found === 'unreadable') {
    if ((rules.unreadable ?? 'held') === 'held') return null;
  } else if (found === 'failed') {
    if ((rules.unreadableBy ?? 'held') === 'held') return null;
  } else if (found !== 'none') {
    if (await rules.isHeld(found, ports)) return null;
    token = found.token + 1;
  }
  const record = { pid, startTicks, bootId, hostname, token };
  await writeWhole(ports, LOCK, formatRecord(record), { writesOn: rules.writesOn ?? true });
  return record;
}

export async function readLock(
  { fs }: Pick<Ports, 'fs'>,
  parse: (text: string) => LockRecord | null = parseRecord,
): Promise<LockRecord | 'none' | 'unreadable' | 'failed'> {
  try {
    return parse(await fs.readFile(LOCK)) ?? 'unreadable';
  } catch (error) {
    return hasCode(error, 'ENOENT') ? 'none' : 'failed';
  }
}

/**
 * Complete the moment it is visible; with `syncs` it also survives a power cut, content before name: a name that is on the
 * disk before its content is an empty file afterwards.
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
  else await writeOnce(ports, temporary, text);
  if (syncs) await sync(ports, temporary);
  await fs.rename(temporary, path);
  if (syncs) for (const directory of [DIRECTORY, '/']) await sync(ports, directory);
}

/** As `fs.writeSync(fd, text)` whose result nobody looks at. */
async function writeOnce({ fs }: Ports, path: string, text: string): Promise<void> {
  const fd = await fs.open(path, 'w');
  await fs.write(fd, text);
  await fs.close(fd);
}

async function sync({ fs }: Ports, path: string): Promise<void> {
  const fd = await fs.open(path, 'r');
  await fs.fsync(fd);
  await fs.close(fd);
}

export function formatRecord(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Null unless it is a whole record. */
export function parseRecord(text: string): LockRecord | null {
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

/** A program that ends with 74 (EX_IOERR) when the machine refuses it something. */
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

/** Whether anybody bears a PID. */
export async function exists(pid: number, { process }: Pick<Ports, 'process'>): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
