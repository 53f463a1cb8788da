import { type Child, isSystemError, type Ports, type Program } from '../../ports/index.ts';
import { ADDRESS, FIGURES, HEALTH_PATH, MARKER, PID_FILE } from './setup.ts';

export interface Rules {
  /** Before each start of the sidecar. `stop`: the TCP port is another live instance's, do not start. */
  reconcile(ports: Ports, at: { boot: boolean }): Promise<'go' | 'stop'>;
}

/**
 * The app: `app [consents]`. Starts its sidecar, and again when it ends: at most 5 times, 1 s to 30 s after, until it has
 * been up and stable. Stops it, and removes the PID file, when it is asked to end.
 */
export function app({ reconcile }: Rules): Program {
  return async (ports) => {
    const state: { child: Child | null; stopping: boolean } = { child: null, stopping: false };
    await ports.process.onSignal(['SIGTERM'], () => {
      if (!state.stopping) void stop(ports, state).catch(() => {});
    });
    let restarts = 0;
    for (let boot = true; !state.stopping; boot = false) {
      if ((await reconcile(ports, { boot })) === 'stop') {
        ports.mark('blocked-live');
        break;
      }
      const child = await ports.process.spawn(['sidecar', MARKER], { detached: true });
      state.child = child;
      const stable = becomesReady(ports, child).then((is) => {
        if (is) restarts = 0;
      });
      await Promise.all([child.exited, Promise.race([child.exited, stable])]);
      state.child = null;
      if (restarts === FIGURES.restarts) {
        ports.mark('gave-up', { restarts });
        break;
      }
      await ports.clock.sleep(Math.min(FIGURES.firstBackoffMs * 2 ** restarts++, FIGURES.longestBackoffMs));
    }
    for (;;) await ports.clock.sleep(60_000);
  };
}

/** It answers, and has not ended 5 s later: then its PID is written down. */
async function becomesReady(ports: Ports, child: Child): Promise<boolean> {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  const untilMs = (await ports.clock.wallMs()) + FIGURES.readyWithinMs;
  while (!(await answers(ports))) {
    if (ended || (await ports.clock.wallMs()) >= untilMs) return false;
    await ports.clock.sleep(FIGURES.readyPollMs);
  }
  await ports.clock.sleep(FIGURES.stableForMs);
  if (ended) return false;
  await writePidFile(ports, child.pid);
  ports.mark('ready');
  return true;
}

async function answers({ probe }: Ports): Promise<boolean> {
  try {
    const request = { path: HEALTH_PATH, body: '' };
    return (await probe.request(ADDRESS, request, FIGURES.healthTimeoutMs)).status === 200;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

async function writePidFile({ fs }: Ports, pid: number): Promise<void> {
  try {
    await fs.mkdir(PID_FILE.slice(0, PID_FILE.lastIndexOf('/')), { recursive: true });
    await fs.writeFile(PID_FILE, `${pid}`);
  } catch (error) {
    // It only annotates a log.
    if (!isSystemError(error)) throw error;
  }
}

async function stop(ports: Ports, state: { child: Child | null; stopping: boolean }): Promise<void> {
  state.stopping = true;
  await ports.fs.unlinkIfThere(PID_FILE);
  if (state.child !== null) {
    await signalGroup(ports, state.child.pid, 'SIGTERM');
    await ports.clock.sleep(FIGURES.stopGraceMs);
    if (state.child !== null) await signalGroup(ports, state.child.pid, 'SIGKILL');
  }
  await ports.process.exit(0);
}

/** By PID alone, as the tool does it. Whether it worked nobody asks. */
export async function signalGroup(
  { process }: Ports,
  pid: number,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  try {
    await process.kill(-pid, signal);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
