/** Hooks, and how they make sure that a worker runs: without a lock, behind the mutex of #1085, behind today's lock file. */
import { isSystemError, type Ports, type Program } from '../../../ports/index.ts';
import { ask, orElse } from '../../vocabulary/index.ts';
import { FIRST_LOOK_MS, PORT_IN_USE_WAIT_MS, READINESS_WAIT_MS, WAITS, type Waits } from '../constants.ts';
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
export function ensureUnguarded(waits = WAITS): Ensure {
  return async (ports) => {
    await cleanByPid(ports);
    return (await findWorker(ports, waits)) ?? spawnWorker(ports, waits);
  };
}

export interface MutexOptions {
  path?: string;
  /** After an error of the lock itself no hook spawns (`closed`), or every hook does (`open`). */
  onError?: 'closed' | 'open';
  waits?: Waits;
}

/** Since #1085: the same behind the mutex. A hook that does not get it waits for health. */
export function ensureBehindMutex({
  path = MUTEX,
  onError = 'closed',
  waits = WAITS,
}: MutexOptions = {}): Ensure {
  return async (ports) => {
    await cleanByPid(ports);
    const found = await findWorker(ports, waits);
    if (found !== null) return found;
    const release = await takeMutexOr(ports, path, onError);
    if (release === null) return waitForHealth(ports, waits.postSpawnMs, waits);
    try {
      return (await findWorker(ports, waits)) ?? (await spawnWorker(ports, waits));
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
    if (held && !(await startWorker(ports))) return false;
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
async function findWorker(ports: Ports, waits = WAITS): Promise<boolean | null> {
  if ((await askHealth(ports, TCP_PORT, FIRST_LOOK_MS)) !== null) return true;
  if (await isPortInUse(ports, waits.healthCheckMs)) return waitForHealth(ports, waits.portInUseMs, waits);
  return null;
}

/** On time-out it removes the PID file, even that of another worker. */
async function spawnWorker(ports: Ports, waits: Waits): Promise<boolean> {
  await ports.clock.sleep(waits.checkToSpawnMs);
  ports.mark('spawns');
  if (!(await startWorker(ports))) return false;
  if (await waitForHealth(ports, waits.postSpawnMs, waits)) return true;
  await ports.fs.unlinkIfThere(PID_FILE);
  return false;
}

/** False if it cannot be started, as on a machine with too many processes: the launcher logs that and gives up. */
async function startWorker(ports: Ports): Promise<boolean> {
  const started = await orElse(ports.process.spawn(['worker'], { detached: true }), null);
  if (started === null) ports.mark('spawn-failed');
  return started !== null;
}
