/** The watchdog of a session: starts Chrome again, and decides when the owner gives up (#1478). */
import type { Ports } from '../../../ports/index.ts';
import { LIMITS } from '../constants.ts';
import { CDP_PORT } from '../setup.ts';
import { answersCdp } from './chrome.ts';
import { type Launcher, MANAGED } from './launcher.ts';

/**
 * When an owner gives up by itself. `exhausted`: the first version of #1478, once the watchdog has said so. `failures`: as
 * merged, after two relaunches in a row that failed, if Chrome does not answer then.
 */
export type ReleaseRule = 'never' | 'exhausted' | 'failures';

/**
 * Looks at Chrome's PID now and then, and starts it again. Settles when the owner has to give up.
 *
 * @param relaunches how many have gone well before: a session that has been up for a while
 */
export async function watch(
  ports: Ports,
  launcher: Launcher,
  rule: ReleaseRule,
  relaunches: number,
): Promise<void> {
  const { clock, mark } = ports;
  let count = relaunches;
  let failures = 0;
  let cooldownUntil = 0;
  for (;;) {
    await clock.sleep(LIMITS.watchdogMs);
    if ((await clock.wallMs()) < cooldownUntil) continue;
    if (await launcher.isAlive(MANAGED)) continue;
    mark('chrome-died');
    if (await launcher.launch(MANAGED)) {
      mark('chrome-relaunched');
      failures = 0;
      cooldownUntil = (await clock.wallMs()) + LIMITS.cooldownLooks * LIMITS.watchdogMs;
      if (++count < LIMITS.maxRelaunches) continue;
      mark('watchdog-exhausted');
      if (rule === 'exhausted') return;
      return new Promise(() => {});
    }
    mark('relaunch-failed');
    failures++;
    if (rule !== 'failures' || failures < LIMITS.failuresToRelease) continue;
    if (!(await answersCdp(CDP_PORT, ports))) return;
    failures = 0;
  }
}
