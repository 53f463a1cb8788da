/** Users of mcporter, and what happens to its files. */
import { STOP_PATH } from '../../../model/index.ts';
import type { Program, Signal } from '../../../ports/index.ts';
import { ask, signal, sleepForever } from '../../vocabulary/index.ts';
import { LAUNCHD_THROTTLE_MS, MS } from '../constants.ts';
import { ADDRESS, BIND_LOCK, CONFIG } from '../setup.ts';
import { type LockRules, withFileLock } from './file-lock.ts';

/**
 * `daemon start --foreground` in a terminal, and what its user does there: words such as `500:SIGSTOP` (Ctrl-Z after half a
 * second), in the order of their times.
 */
export const terminal: Program = async (ports, keys) => {
  const { pid, exited } = await ports.process.spawn(['host']);
  let nowMs = 0;
  for (const key of keys) {
    const [atMs = '', name = ''] = key.split(':');
    await ports.clock.sleep(Number(atMs) - nowMs);
    nowMs = Number(atMs);
    // It may have ended by itself; as our child it is reaped then, and its PID is not in use again yet.
    await signal(ports, pid, name as Signal);
  }
  await exited;
  return 0;
};

/** `mcporter daemon stop && mcporter daemon start`, some time after a start. */
export const restarter: Program = async (ports) => {
  await ports.process.spawn(['host'], { detached: true });
  await ports.clock.sleep(500);
  await ask(ports, ADDRESS, STOP_PATH, MS.request);
  await ports.process.spawn(['host'], { detached: true });
  return 0;
};

/**
 * `launchd always|failure [PROGRAM]`: a job that runs `daemon start --foreground`, and starts it again when it has ended: with
 * KeepAlive always, or with KeepAlive and SuccessfulExit false only after a failure. Not sooner than ten seconds after its last start.
 */
export const launchd: Program = async (ports, [keepAlive, program = 'host']) => {
  const { process, clock, mark } = ports;
  for (;;) {
    const startedMs = await clock.monotonicMs();
    const { exited } = await process.spawn([program]);
    const { code } = await exited;
    if (code === 0 && keepAlive === 'failure') return sleepForever(ports);
    const sinceMs = (await clock.monotonicMs()) - startedMs;
    if (sinceMs < LAUNCHD_THROTTLE_MS) await clock.sleep(LAUNCHD_THROTTLE_MS - sinceMs);
    mark(code === 0 ? 'started-in-vain' : 'started-again');
  }
};

/**
 * `locker [MS|stays]`: takes the lock that hosts bind under, for so long (by default 5 ms: no daemon serves, and the bind is
 * quick), and ends; with `stays` it lives on.
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

/**
 * Edits the configuration; with the argument `keeps time` by copying another file over it with its times, as `cp -p`,
 * `rsync -t` and backups do.
 */
export const editor: Program = async ({ fs }, [how]) => {
  const before = how === KEEPS_TIME ? await fs.stat(CONFIG) : null;
  await fs.writeFile(CONFIG, '{"mcpServers": {}}');
  if (before !== null) await fs.utimes(CONFIG, before.atimeMs, before.mtimeMs);
  return 0;
};

export const KEEPS_TIME = 'keeps time';

/** A start, an edit, and another start: so a process starts that has seen the edit. */
export const upgrader: Program = async (ports, argv) => {
  await ports.process.spawn(['host'], { detached: true });
  await editor(ports, argv);
  await ports.process.spawn(['host'], { detached: true });
  return 0;
};

/** `cleaner PATH`: removes an old file, if it is there. */
export const cleaner: Program = async ({ fs }, [path = '']) => {
  await fs.unlinkIfThere(path);
  return 0;
};
