import { STOP_PATH } from '../../model/index.ts';
import { isSystemError, type Program, type Signal } from '../../ports/index.ts';
import { type LockRules, withFileLock } from './file-lock.ts';
import { ADDRESS, BIND_LOCK, CONFIG, MS } from './setup.ts';

/**
 * `daemon start --foreground` in a terminal, and what its user does there: words such as `500:SIGSTOP` (Ctrl-Z after half a
 * second), in the order of their times.
 */
export const terminal: Program = async ({ process, clock }, keys) => {
  const { pid, exited } = await process.spawn(['host']);
  let nowMs = 0;
  for (const key of keys) {
    const [atMs = '', signal = ''] = key.split(':');
    await clock.sleep(Number(atMs) - nowMs);
    nowMs = Number(atMs);
    // It may have left by itself; as our child it is reaped then, and nobody else's PID yet.
    await process.kill(pid, signal as Signal).catch(ignoreSystemErrors);
  }
  await exited;
  return 0;
};

function ignoreSystemErrors(error: unknown): void {
  if (!isSystemError(error)) throw error;
}

/** `mcporter daemon stop && mcporter daemon start`, some time after a start. */
export const restarter: Program = async ({ probe, process, clock }) => {
  await process.spawn(['host'], { detached: true });
  await clock.sleep(500);
  await probe.request(ADDRESS, { path: STOP_PATH, body: '' }, MS.request).catch(ignoreSystemErrors);
  await process.spawn(['host'], { detached: true });
  return 0;
};

/**
 * Takes the lock that hosts bind under, for as long as it is told (5 ms unless it is: nobody serves, and the bind is quick),
 * and ends; with the word `stays` it lives on.
 */
export function locker(rules: LockRules): Program {
  return async (ports, [word = '']) => {
    await withFileLock(ports, BIND_LOCK, rules, async () => {
      ports.mark('own');
      await ports.clock.sleep(Number.parseInt(word, 10) || 5);
      ports.mark('release');
    });
    if (word === 'stays') await ports.clock.sleep(60_000);
    return 0;
  };
}

/** Of another system. */
export const stranger: Program = async ({ clock }) => {
  for (;;) await clock.sleep(1_000_000);
};

/**
 * Somebody edits the configuration; with the words `keeps time` by copying another file over it with its times, as `cp -p`,
 * `rsync -t` and backups do.
 */
export const editor: Program = async ({ fs }, [how]) => {
  const before = how === KEEPS_TIME ? await fs.stat(CONFIG) : null;
  await fs.writeFile(CONFIG, '{"mcpServers": {}}');
  if (before !== null) await fs.utimes(CONFIG, before.atimeMs, before.mtimeMs);
  return 0;
};

export const KEEPS_TIME = 'keeps time';

/** A start, an edit, and another start: so somebody starts who has seen the edit. */
export const upgrader: Program = async (ports, argv) => {
  await ports.process.spawn(['host'], { detached: true });
  await editor(ports, argv);
  await ports.process.spawn(['host'], { detached: true });
  return 0;
};

/** A cleaner of old files: removes one, if there is one. */
export const cleaner: Program = async ({ fs }, [path = '']) => {
  await fs.unlinkIfThere(path);
  return 0;
};
