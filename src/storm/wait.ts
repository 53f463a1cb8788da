/** Waits for what is seen from outside only. */
import { monotonicMs } from '../node/clock.ts';
import { pauseFor } from '../real/pause.ts';

/** @returns whether it became true in time */
export async function waitUntil(holds: () => boolean, withinMs: number, everyMs = 20): Promise<boolean> {
  const untilMs = monotonicMs() + withinMs;
  for (;;) {
    if (holds()) return true;
    if (monotonicMs() > untilMs) return false;
    await pauseFor(everyMs);
  }
}
