import type { Ports } from '../../ports/index.ts';
import { answersCdp } from './chrome.ts';
import { type Launcher, MANAGED } from './launcher.ts';
import { CDP_PORT, FIGURES } from './setup.ts';

/**
 * When an owner gives up by itself. `exhausted`: the first version of #1478, once the watchdog has said so. `failures`: as
 * merged, after two relaunches in a row that failed, if Chrome does not answer then.
 */
export type ReleaseRule = 'never' | 'exhausted' | 'failures';

export interface WatchdogOptions {
  rule: ReleaseRule;
  /** How many relaunches have gone well before: a session that has been up for a while. */
  relaunches?: number;
}

/** Looks at Chrome's PID now and then, and starts it again. @returns when the owner is to give up; never otherwise */
export async function watch(
  ports: Ports,
  launcher: Launcher,
  { rule, relaunches = 0 }: WatchdogOptions,
): Promise<void> {
  const { clock, mark } = ports;
  let count = relaunches;
  let failures = 0;
  let cooldownUntil = 0;
  for (;;) {
    await clock.sleep(FIGURES.watchdogMs);
    if ((await clock.wallMs()) < cooldownUntil) continue;
    if (await launcher.isAlive(MANAGED)) continue;
    mark('chrome-died');
    if (await launcher.launch(MANAGED)) {
      mark('chrome-relaunched');
      failures = 0;
      cooldownUntil = (await clock.wallMs()) + FIGURES.cooldownLooks * FIGURES.watchdogMs;
      if (++count < FIGURES.maxRelaunches) continue;
      mark('watchdog-exhausted');
      if (rule === 'exhausted') return;
      return new Promise(() => {});
    }
    mark('relaunch-failed');
    failures++;
    if (rule !== 'failures' || failures < FIGURES.failuresToRelease) continue;
    if (!(await answersCdp(CDP_PORT, ports))) return;
    failures = 0;
  }
}
