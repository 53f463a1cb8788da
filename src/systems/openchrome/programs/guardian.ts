/** The watchdog process that openchrome starts beside its managed Chrome: it ends that Chrome when its session is gone. */
import type { Ports, Program } from '../../../ports/index.ts';
import { orElse, signal } from '../../vocabulary/index.ts';
import { LIMITS } from '../constants.ts';

/**
 * `guardian SESSION CHROME`, two PIDs. Looks twice a second. Once the session is gone it sends SIGTERM to Chrome's group and to
 * Chrome, and half a second later SIGKILL, if its PID is still there; it knows both by their PIDs alone. Ends when Chrome has.
 */
export const guardian: Program = async (ports, [session, chrome]) => {
  const chromePid = Number(chrome);
  for (;;) {
    await ports.clock.sleep(LIMITS.guardianPollMs);
    if (!(await isThere(ports, chromePid))) return 0;
    if (await isThere(ports, Number(session))) continue;
    await signalTree(ports, chromePid, 'SIGTERM');
    ports.mark('guarded');
    await ports.clock.sleep(LIMITS.guardianGraceMs);
    if (await isThere(ports, chromePid)) await signalTree(ports, chromePid, 'SIGKILL');
    return 0;
  }
};

/** Any error counts as gone, even that the process belongs to another user. */
function isThere({ process }: Ports, pid: number): Promise<boolean> {
  return orElse(
    process.kill(pid, 0).then(() => true),
    false,
  );
}

async function signalTree(ports: Ports, pid: number, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await signal(ports, -pid, name);
  await signal(ports, pid, name);
}
