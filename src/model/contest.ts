/** How contending ends. */
import { printable } from '../ports/printable.ts';
import type { Claim } from './claim.ts';
import type { Ownership } from './ownership.ts';

/** The outcome of contending. */
export type Contest =
  | { readonly kind: 'owner'; readonly owner: Ownership }
  /** A healthy owner answers: use it, or exit. */
  | { readonly kind: 'client'; readonly claim: Claim }
  /** The owner could not be judged, or not replaced. No other process was touched. */
  | { readonly kind: 'blocked'; readonly why: string };

/** @param why text for people */
export function blocked(why: string): Contest {
  return { kind: 'blocked', why: printable(why) };
}
