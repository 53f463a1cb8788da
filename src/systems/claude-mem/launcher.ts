import { isSystemError, type Ports, type Program } from '../../ports/index.ts';
import {
  CHECK_TO_SPAWN_MS,
  FIRST_LOOK_MS,
  HEALTH_POLL_MS,
  PORT_IN_USE_WAIT_MS,
  POST_SPAWN_WAIT_MS,
  READINESS_WAIT_MS,
} from './figures.ts';
import { takeMutex } from './mutex.ts';
import { cleanByPid, validatePidFile } from './pid-file.ts';
import {
  addressOf,
  askHealth,
  isPortInUse,
  MUTEX,
  PID_FILE,
  SHUTDOWN,
  TCP_PORT,
  waitForHealth,
} from './setup.ts';
import { releaseSpawnLock, takeSpawnLock } from './spawn-lock.ts';

/** Sees to it that a worker runs. False: none has become healthy. */
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
  const found = await findWorker(ports);
  return found ?? spawnWorker(ports);
};

export interface MutexOptions {
  path?: string;
  /** An error of the lock itself: nobody spawns, or everybody does. */
  onError?: 'closed' | 'open';
  /** All waits last so many times as long: 1.5 on Windows. */
  waitFactor?: number;
}

/** Since #1085: the same behind the mutex. Who does not get it waits for health. */
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
      await shutDown(ports);
      if (!(await isPortFreeWithin(ports, PORT_IN_USE_WAIT_MS))) return false;
      await ports.fs.unlinkIfThere(PID_FILE);
    }
    return ensure(ports);
  };
}

async function shutDown({ probe }: Ports): Promise<void> {
  try {
    await probe.request(addressOf(TCP_PORT), { path: SHUTDOWN, body: '' }, PORT_IN_USE_WAIT_MS);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

async function isPortFreeWithin(ports: Ports, withinMs: number): Promise<boolean> {
  const startedMs = await ports.clock.wallMs();
  while ((await ports.clock.wallMs()) - startedMs < withinMs) {
    if ((await askHealth(ports, TCP_PORT)) === null) return true;
    await ports.clock.sleep(HEALTH_POLL_MS);
  }
  return false;
}

/** Null: nobody listens, so one may be started. */
async function findWorker(ports: Ports, waitFactor = 1): Promise<boolean | null> {
  if ((await askHealth(ports, TCP_PORT, FIRST_LOOK_MS)) !== null) return true;
  if (await isPortInUse(ports)) return waitForHealth(ports, PORT_IN_USE_WAIT_MS * waitFactor);
  return null;
}

/** On time-out the PID file goes, whosever it is. */
async function spawnWorker(ports: Ports, waitFactor = 1): Promise<boolean> {
  await ports.clock.sleep(CHECK_TO_SPAWN_MS);
  ports.mark('spawns');
  await ports.process.spawn(['worker'], { detached: true });
  if (await waitForHealth(ports, POST_SPAWN_WAIT_MS * waitFactor)) return true;
  await ports.fs.unlinkIfThere(PID_FILE);
  return false;
}
