/** The spawn mutex of #1085: a directory, as proper-lockfile makes it. */
import type { Ports } from '../../../ports/index.ts';
import { mtimeOf, orElse } from '../../vocabulary/index.ts';
import { MUTEX_STALE_MS } from '../constants.ts';

/**
 * Step by step as proper-lockfile does it with `retries: 0`: the holder renews the time of the directory, and loses it when
 * it has not done so for ten seconds by the wall clock.
 *
 * @returns what releases it; null if another process holds it
 */
export async function takeMutex(ports: Ports, path: string): Promise<(() => Promise<void>) | null> {
  const { fs, clock } = ports;
  for (const mayBreak of [true, false]) {
    if ((await orElse(fs.mkdir(path), 'taken', 'EEXIST')) !== 'taken') break;
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

/** Twice in the time in which it would go stale. If the time is not its own, the lock has been taken away: the package throws. */
async function renew(ports: Ports, path: string, mtimeMs: number, over: AbortSignal): Promise<void> {
  const { clock, fs } = ports;
  for (let ownMs = mtimeMs; ; ) {
    try {
      await clock.sleep(MUTEX_STALE_MS / 2, over);
    } catch {
      return;
    }
    const foundMs = await mtimeOf(ports, path);
    if (over.aborted) return;
    const nowMs = await clock.wallMs();
    const isOwn =
      foundMs === ownMs &&
      (await orElse(
        fs.utimes(path, nowMs, nowMs).then(() => true),
        false,
        'ENOENT',
      ));
    if (!isOwn) {
      if (over.aborted) return;
      ports.mark('release');
      throw new Error('ECOMPROMISED: the lock is not ours any more');
    }
    ownMs = nowMs;
  }
}

function removeDirectory({ fs }: Ports, path: string): Promise<void> {
  return orElse(fs.rmdir(path), undefined, 'ENOENT');
}
