/** Hooks, and how they make sure that a worker runs: without a lock, behind the mutex of #1085, behind today's lock file. */
import { isSystemError, type Ports, type Program } from '../../../ports/index.ts';
import { ask } from '../../vocabulary/index.ts';
import {
  CHECK_TO_SPAWN_MS,
  FIRST_LOOK_MS,
  PORT_IN_USE_WAIT_MS,
  POST_SPAWN_WAIT_MS,
  READINESS_WAIT_MS,
} from '../constants.ts';
import {
  addressOf,
  askHealth,
  isPortInUse,
  MUTEX,
  PID_FILE,
  SHUTDOWN,
  TCP_PORT,
  waitForHealth,
} from '../setup.ts';
import { takeMutex } from './mutex.ts';
import { cleanByPid, validatePidFile } from './pid-file.ts';
import { releaseSpawnLock, takeSpawnLock } from './spawn-lock.ts';

/** Makes sure that a worker runs. False: none has become healthy. */
export type Ensure = (ports: Ports) => Promise<boolean>;

/** What the host runs on one event. @param attempts how often it ensures the worker: `start`, then `hook`, before #1085 */
export function hook(ensure: Ensure, attempts = 1): Program {
  return async (ports) => {
    for (let attempt = 0; attempt < attempts; attempt++) {
      ports.mark((await ensure(ports)) ? 'ready' : 'gave-up');
    }
    return 0;
  };
}

/** Before #1085: a look at health and TCP port, and then a worker. */
export const ensureUnguarded: Ensure = async (ports) => {
  await cleanByPid(ports);
  return (await findWorker(ports)) ?? spawnWorker(ports);
};

export interface MutexOptions {
  path?: string;
  /** After an error of the lock itself no hook spawns (`closed`), or every hook does (`open`). */
  onError?: 'closed' | 'open';
  /** All waits last this many times as long: 1.5 on Windows. */
  waitFactor?: number;
}

/** Since #1085: the same behind the mutex. A hook that does not get it waits for health. */
export function ensureBehindMutex({
  path = MUTEX,
  onError = 'closed',
  waitFactor = 1,
}: MutexOptions = {}): Ensure {
  return async (ports) => {
    await cleanByPid(ports);
    const found = await findWorker(ports, waitFactor);
    if (found !== null) return found;
    const release = await takeMutexOr(ports, path, onError);
    if (release === null) return waitForHealth(ports, POST_SPAWN_WAIT_MS * waitFactor);
    try {
      return (await findWorker(ports, waitFactor)) ?? (await spawnWorker(ports, waitFactor));
    } finally {
      await release();
    }
  };
}

async function takeMutexOr(
  ports: Ports,
  path: string,
  onError: 'closed' | 'open',
): Promise<(() => Promise<void>) | null> {
  try {
    return await takeMutex(ports, path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    ports.mark('lock-failed');
    if (onError === 'closed') return null;
    ports.mark('own');
    return async () => ports.mark('release');
  }
}

/** As it is today: the PID file first, and a lock file. */
export const ensureBehindSpawnLock: Ensure = async (ports) => {
  if ((await validatePidFile(ports)) === 'alive') return waitForHealth(ports, READINESS_WAIT_MS);
  const found = await findWorker(ports);
  if (found !== null) return found;
  const held = await takeSpawnLock(ports);
  try {
    if (held) await ports.process.spawn(['worker'], { detached: true });
    return await waitForHealth(ports, READINESS_WAIT_MS);
  } finally {
    if (held) await releaseSpawnLock(ports);
  }
};

/** Asks a worker of another version to stop first. */
export function replacingOthers(version: string, ensure: Ensure): Ensure {
  return async (ports) => {
    const running = await askHealth(ports, TCP_PORT);
    if (running !== null && running !== version) {
      await ask(ports, addressOf(TCP_PORT), SHUTDOWN, PORT_IN_USE_WAIT_MS);
      if (!(await waitForHealth(ports, PORT_IN_USE_WAIT_MS, { healthy: false }))) return false;
      await ports.fs.unlinkIfThere(PID_FILE);
    }
    return ensure(ports);
  };
}

/** Null if no process listens, so that a worker may be started. */
async function findWorker(ports: Ports, waitFactor = 1): Promise<boolean | null> {
  if ((await askHealth(ports, TCP_PORT, FIRST_LOOK_MS)) !== null) return true;
  if (await isPortInUse(ports)) return waitForHealth(ports, PORT_IN_USE_WAIT_MS * waitFactor);
  return null;
}

/** On time-out it removes the PID file, even that of another worker. */
async function spawnWorker(ports: Ports, waitFactor = 1): Promise<boolean> {
  await ports.clock.sleep(CHECK_TO_SPAWN_MS);
  ports.mark('spawns');
  await ports.process.spawn(['worker'], { detached: true });
  if (await waitForHealth(ports, POST_SPAWN_WAIT_MS * waitFactor)) return true;
  await ports.fs.unlinkIfThere(PID_FILE);
  return false;
}
