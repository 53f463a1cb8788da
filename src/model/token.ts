import type { Ports } from '../ports/index.ts';

/**
 * The next fencing token. Higher than the one before; and, should that be lost, higher than any that was granted before
 * now, because tokens are at least the wall clock in milliseconds. Only a clock that was put back *and* a loss of all
 * claims together give a lower one.
 *
 * @param previous null: there is none, or it cannot be read
 */
export async function nextToken(previous: number | null, { clock }: Pick<Ports, 'clock'>): Promise<number> {
  return Math.max((previous ?? 0) + 1, Math.floor(await clock.wallMs()));
}

/** So many renewals within one millisecond are more than there can be. */
const MAX_WAIT_MS = 10;

/**
 * Waits until the clock has passed a token: from then on every token that the clock gives is higher. A token far ahead of
 * the clock (which was put back) is not waited for.
 */
export async function untilPast(token: number, { clock }: Pick<Ports, 'clock'>): Promise<void> {
  for (;;) {
    const aheadMs = token - (await clock.wallMs());
    if (aheadMs < 0 || aheadMs > MAX_WAIT_MS) return;
    await clock.sleep(1);
  }
}
