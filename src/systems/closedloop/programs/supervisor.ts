/** The app as it is: keeps its sidecar running. */
import type { Child, Ports, Program } from '../../../ports/index.ts';
import { ask, orElse, signal, sleepForever, watched } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';
import { ADDRESS, HEALTH_PATH, MARKER, PID_FILE } from '../setup.ts';
import { type Dialog, KILL_IT } from './dialog.ts';

/** Called before each start of the sidecar. `stop`: the TCP port is another live instance's, do not start. */
export type Reconcile = (
  ports: Ports,
  at: { boot: boolean; ask: (dialog: Dialog) => Promise<number> },
) => Promise<'go' | 'stop'>;

/** Shows a dialog, and gives the place of the button that the user presses. */
type Show = (ports: Ports, argv: readonly string[], dialog: Dialog) => Promise<number>;

/** The user takes a while, and presses "Kill It" if the app was started with `consents`; otherwise Escape. */
const afterAWhile: Show = async ({ clock }, argv, { cancelButton }) => {
  await clock.sleep(500);
  return argv.includes('consents') ? KILL_IT : cancelButton;
};

/**
 * `app [consents]`: starts its sidecar, and again when it ends, at most 5 times, 1 s to 30 s later, until it has been up and
 * stable. Stops it, and removes the PID file, when it is asked to end.
 */
export function app(reconcile: Reconcile, show: Show = afterAWhile): Program {
  return async (ports, argv) => {
    const ask = (dialog: Dialog): Promise<number> => show(ports, argv, dialog);
    const state: State = { child: null, stopping: false };
    await ports.process.onSignal(['SIGTERM'], () => {
      if (!state.stopping) void stop(ports, state).catch(() => {});
    });
    let restarts = 0;
    for (let boot = true; !state.stopping; boot = false) {
      if ((await reconcile(ports, { boot, ask })) === 'stop') {
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
      if (restarts === LIMITS.restarts) {
        ports.mark('gave-up', { restarts });
        break;
      }
      await ports.clock.sleep(Math.min(LIMITS.firstBackoffMs * 2 ** restarts++, LIMITS.longestBackoffMs));
    }
    return sleepForever(ports);
  };
}

/** It answers, and has not ended 5 s later: then its PID is written down. */
async function becomesReady(ports: Ports, child: Child): Promise<boolean> {
  const sidecar = watched(child);
  const untilMs = (await ports.clock.wallMs()) + LIMITS.readyWithinMs;
  while ((await ask(ports, ADDRESS, HEALTH_PATH, LIMITS.healthTimeoutMs))?.status !== 200) {
    if (sidecar.ended || (await ports.clock.wallMs()) >= untilMs) return false;
    await ports.clock.sleep(LIMITS.readyPollMs);
  }
  await ports.clock.sleep(LIMITS.stableForMs);
  if (sidecar.ended) return false;
  // It only annotates a log.
  await orElse(writePidFile(ports, child.pid), undefined);
  ports.mark('ready');
  return true;
}

async function writePidFile({ fs }: Ports, pid: number): Promise<void> {
  await fs.mkdir(PID_FILE.slice(0, PID_FILE.lastIndexOf('/')), { recursive: true });
  await fs.writeFile(PID_FILE, `${pid}`);
}

interface State {
  child: Child | null;
  stopping: boolean;
}

/** Signals the sidecar's group by PID alone, as the tool does it, and ignores whether that worked. */
async function stop(ports: Ports, state: State): Promise<void> {
  state.stopping = true;
  await ports.fs.unlinkIfThere(PID_FILE);
  if (state.child !== null) {
    await signal(ports, -state.child.pid, 'SIGTERM');
    await ports.clock.sleep(LIMITS.stopGraceMs);
    if (state.child !== null) await signal(ports, -state.child.pid, 'SIGKILL');
  }
  await ports.process.exit(0);
}
