/** Which invariants depend on how their scenario says that an owner is known. */
import type { Always, Eventually } from '../invariant.ts';

/** The checks of those invariants: their copies have the same. */
export const asking = new WeakSet<Always['check']>();

export function asksForOwner({ check }: Always | Eventually): boolean {
  return asking.has(check);
}
