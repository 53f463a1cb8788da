/** mcporter's lock file. */
import { hasCode, type Ports } from '../../../ports/index.ts';
import { isPidAlive, mtimeOf, orElse } from '../../vocabulary/index.ts';
import { type Looks, MS } from '../constants.ts';

export interface LockRules {
  readonly looks: Looks;
  /** What a lock is that is no longer there when it is read: as in the source, or as it should be. */
  readonly vanished: 'recoverable' | 'free';
}

/**
 * Step by step as mcporter does it: the file is created exclusively with the PID in it. A process that finds one looks, under
 * a second lock `.break`, whether its holder is gone, or whether it has been without a PID for too long, and removes it. The
 * release removes any file of that name.
 *
 * @returns what the task gave; `timeout`: not had within 30 s of the wall clock
 */
export async function withFileLock<T>(
  ports: Ports,
  lockPath: string,
  rules: LockRules,
  task: () => Promise<T>,
): Promise<T | 'timeout'> {
  const sinceMs = await ports.clock.wallMs();
  while (!(await create(ports, lockPath))) {
    if (await removeRecoverable(ports, lockPath, rules)) continue;
    if ((await ports.clock.wallMs()) - sinceMs > MS.lock) return 'timeout';
    await ports.clock.sleep(rules.looks.lockPollMs);
  }
  try {
    return await task();
  } finally {
    await ports.fs.unlinkIfThere(lockPath);
  }
}

/** False: it is there already. */
async function create({ fs, process }: Ports, path: string): Promise<boolean> {
  const { pid } = await process.self();
  return orElse(
    fs.writeFile(path, `${pid}\n`, { flag: 'wx' }).then(() => true),
    false,
    'EEXIST',
  );
}

/** True: the lock was stale and is gone. */
async function removeRecoverable(ports: Ports, lockPath: string, rules: LockRules): Promise<boolean> {
  const breaker = `${lockPath}.break`;
  if (!(await create(ports, breaker))) {
    if (await isRecoverable(ports, breaker, rules)) await ports.fs.unlinkIfThere(breaker);
    return false;
  }
  try {
    if (!(await isRecoverable(ports, lockPath, rules))) return false;
    await ports.fs.unlinkIfThere(lockPath);
    return true;
  } finally {
    await ports.fs.unlinkIfThere(breaker);
  }
}

async function isRecoverable(ports: Ports, path: string, { vanished }: LockRules): Promise<boolean> {
  let text: string;
  try {
    text = await ports.fs.readFile(path);
  } catch (error) {
    return vanished === 'recoverable' && hasCode(error, 'ENOENT');
  }
  const pid = Number.parseInt(text, 10);
  if (pid > 0) return !(await isPidAlive(ports, pid));
  const mtimeMs = await mtimeOf(ports, path);
  return mtimeMs !== null && (await ports.clock.wallMs()) - mtimeMs > MS.malformed;
}
