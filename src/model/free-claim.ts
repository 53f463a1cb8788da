import type { Claim } from './claim.ts';
import type { Generations } from './generations.ts';

/**
 * Gives up a claim: publishes `free` as the next generation, if the newest is ours. Otherwise, or if the disk is full, marks the claim
 * itself as given up. A claim that stays could have its process ended, which may live on.
 *
 * @param inherits whether all former owners are gone, so that their claims can be removed
 */
export async function freeClaim(ours: Claim, generations: Generations, inherits: boolean): Promise<void> {
  const newest = await generations.head();
  // Challenged, or superseded: what is newer stands.
  if (newest.claim?.kind !== 'owner' || newest.claim.nonce !== ours.nonce)
    return generations.withdrawAll(ours.nonce);
  const next = newest.generation + 1;
  try {
    if (!(await generations.publish(next, { ...ours, kind: 'free' }, { lasts: false }))) return;
    // Tidy up now: there may be no owner for a long time, and each blocked start would leave another file.
    if (inherits) await generations.removeBelow(next);
  } catch (error) {
    await generations.withdraw(newest.generation, ours.nonce).catch(() => {
      throw error;
    });
  }
}
