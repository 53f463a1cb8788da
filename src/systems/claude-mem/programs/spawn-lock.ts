/** The spawn lock that came after #1085: a file that names its holder by PID. */
import { hasCode, isSystemError, type Ports } from '../../../ports/index.ts';
import { mtimeOf } from '../../vocabulary/index.ts';
import { SPAWN_LOCK_STALE_MS } from '../constants.ts';
import { SPAWN_LOCK } from '../setup.ts';

/**
 * It is taken away from its holder when it is older than 90 seconds by the wall clock, after a second look at its time. It
 * fails open: after any error but contention, every launcher may spawn.
 *
 * @returns false if another process holds it
 */
export async function takeSpawnLock(ports: Ports): Promise<boolean> {
  const { fs, clock, process } = ports;
  const { pid } = await process.self();
  for (const mayBreak of [true, false]) {
    try {
      await fs.writeFile(SPAWN_LOCK, JSON.stringify({ pid }), { flag: 'wx' });
      ports.mark('own');
      return true;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) return isSystemError(error);
    }
    if (!mayBreak) return false;
    const mtimeMs = await mtimeOf(ports, SPAWN_LOCK);
    if (mtimeMs === null) continue;
    if ((await clock.wallMs()) - mtimeMs <= SPAWN_LOCK_STALE_MS) return false;
    const againMs = await mtimeOf(ports, SPAWN_LOCK);
    if (againMs === null) continue;
    if (againMs !== mtimeMs) return false;
    try {
      await fs.unlink(SPAWN_LOCK);
    } catch {
      return false;
    }
  }
  return false;
}

/** If our PID is in it. Errors are ignored: it goes stale. */
export async function releaseSpawnLock(ports: Ports): Promise<void> {
  ports.mark('release');
  const { pid } = await ports.process.self();
  try {
    const record = JSON.parse(await ports.fs.readFile(SPAWN_LOCK)) as { pid?: unknown };
    if (record.pid === pid) await ports.fs.unlinkIfThere(SPAWN_LOCK);
  } catch {}
}
