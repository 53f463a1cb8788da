/** Which invariants judge by what is seen from outside, and which of them depend on how an owner is known. */
import type { Always, Eventually, Invariant } from '../invariant.ts';

/** By the check of the invariant, which its copies have too: whether it asks who the owner is. */
const known = new WeakMap<Always['check'], boolean>();

export function judgesFromOutside(check: Always['check'], asksWhoOwns: boolean): void {
  known.set(check, asksWhoOwns);
}

/** Whether it depends on how the scenario says that an owner is known. */
export function asksForOwner({ check }: Always | Eventually): boolean {
  return known.get(check) ?? false;
}

/** Whether what is seen from outside has to be remembered for one of them. */
export function needObservation(invariants: readonly Invariant[]): boolean {
  return invariants.some((each) => each.kind !== 'sometimes' && known.has(each.check));
}
