import { hasCode, type Ports } from '../../ports/index.ts';
import { MUTEX_STALE_MS } from './figures.ts';

/** Lets the mutex go. */
export type Release = () => Promise<void>;

/**
 * The spawn mutex of #1085, step by step as proper-lockfile has it with `retries: 0`: a directory, whose time the holder
 * renews, and which is taken away from a holder that has not done so for ten seconds by the wall clock.
 *
 * @returns null: somebody holds it
 */
export async function takeMutex(ports: Ports, path: string): Promise<Release | null> {
  const { fs, clock } = ports;
  for (const mayBreak of [true, false]) {
    try {
      await fs.mkdir(path);
      break;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (!mayBreak) return null;
    const mtimeMs = await mtimeOf(ports, path);
    if (mtimeMs !== null && mtimeMs >= (await clock.wallMs()) - MUTEX_STALE_MS) return null;
    if (mtimeMs !== null) await removeDirectory(ports, path);
  }
  ports.mark('own');
  const { mtimeMs } = await fs.stat(path);
  const over = new AbortController();
  renew(ports, path, mtimeMs, over.signal);
  return async () => {
    over.abort();
    ports.mark('release');
    await removeDirectory(ports, path);
  };
}

/** Twice in the time in which it would go stale. Whoever finds another's time has been robbed: the package throws. */
async function renew(ports: Ports, path: string, mtimeMs: number, over: AbortSignal): Promise<void> {
  let ownMs = mtimeMs;
  for (;;) {
    try {
      await ports.clock.sleep(MUTEX_STALE_MS / 2, over);
    } catch {
      return;
    }
    const foundMs = await mtimeOf(ports, path);
    if (over.aborted) return;
    const nowMs = await ports.clock.wallMs();
    if (foundMs !== ownMs || !(await touch(ports, path, nowMs))) {
      if (over.aborted) return;
      ports.mark('release');
      throw new Error('ECOMPROMISED: the lock is not ours any more');
    }
    ownMs = nowMs;
  }
}

/** False: it is gone. */
async function touch({ fs }: Ports, path: string, mtimeMs: number): Promise<boolean> {
  try {
    await fs.utimes(path, mtimeMs, mtimeMs);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Null: it is gone. */
async function mtimeOf({ fs }: Ports, path: string): Promise<number | null> {
  try {
    return (await fs.stat(path)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function removeDirectory({ fs }: Ports, path: string): Promise<void> {
  try {
    await fs.rmdir(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
