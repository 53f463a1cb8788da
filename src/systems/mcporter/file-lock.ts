import { hasCode, isSystemError, type Ports } from '../../ports/index.ts';
import { type Looks, MS } from './setup.ts';

export interface LockRules {
  readonly looks: Looks;
  /** What a lock is that is no longer there when it is read: as in the source, or as it should be. */
  readonly vanished: 'recoverable' | 'free';
}

/**
 * mcporter's lock file, step by step: created exclusively with the PID in it; whoever finds one looks, under a second lock
 * `.break`, whether its holder is gone, or whether it has been without a PID for too long, and removes it. The release
 * removes whatever bears the name.
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

/** False: exists. */
async function create({ fs, process }: Ports, path: string): Promise<boolean> {
  const { pid } = await process.self();
  try {
    await fs.writeFile(path, `${pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
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
  if (pid > 0) return !(await isRunning(ports, pid));
  return isOld(ports, path);
}

async function isOld({ fs, clock }: Ports, path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await fs.stat(path);
    return (await clock.wallMs()) - mtimeMs > MS.malformed;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

/** Whether anybody bears the PID. */
export async function isRunning({ process }: Pick<Ports, 'process'>, pid: number): Promise<boolean> {
  try {
    await process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}
