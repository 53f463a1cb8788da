import type { Ports } from '../ports/index.ts';

/**
 * The next fencing token: higher than the previous one and, because tokens are at least the wall clock in milliseconds, higher
 * than all earlier ones even if the claims are lost. It can be lower only if the clock was set back *and* all
 * claims were lost.
 *
 * @param previous `null` if there is none, or if it cannot be read
 */
export async function nextToken(previous: number | null, { clock }: Pick<Ports, 'clock'>): Promise<number> {
  return Math.max((previous ?? 0) + 1, Math.floor(await clock.wallMs()));
}

/** There cannot be more renewals than this within one millisecond. */
const MAX_WAIT_MS = 10;

/**
 * Waits until the clock has passed a token, so that every later token is higher. If the token is far ahead of the clock (which
 * was set back), it does not wait.
 */
export async function untilPast(token: number, { clock }: Pick<Ports, 'clock'>): Promise<void> {
  for (;;) {
    const aheadMs = token - (await clock.wallMs());
    if (aheadMs < 0 || aheadMs > MAX_WAIT_MS) return;
    await clock.sleep(1);
  }
}
