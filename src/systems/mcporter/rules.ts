import {
  matchingMetadata,
  noGuard,
  reconcileOrStop,
  removeBoth,
  removeMetadataFirst,
  removeOwn,
  stopUntilSocketGone,
} from './guards.ts';
import type { HostRules } from './host.ts';
import { BIND_LOCK, LOOKS, MS } from './setup.ts';

/** Unlink and bind, as it was before #195. */
export const BEFORE: HostRules = {
  guard: noGuard,
  lockPath: null,
  layers: 'shared',
  cleanUp: removeBoth,
  closeMs: 0,
  callMs: 200,
  looks: LOOKS,
  vanished: 'recoverable',
  readyRequestMs: MS.request,
};

/** #195 as it was proposed. */
export const BIND_GUARD: HostRules = { ...BEFORE, guard: matchingMetadata, lockPath: BIND_LOCK };

/** #195 with its follow-ups as they were merged: the best there is. */
export const MERGED: HostRules = { ...BIND_GUARD, guard: reconcileOrStop, cleanUp: removeOwn };

/** The follow-ups as they stood on their own branch. */
export const BRANCH: HostRules = { ...BIND_GUARD, guard: stopUntilSocketGone, cleanUp: removeMetadataFirst };
