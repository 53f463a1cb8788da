/** The protocol itself: the lock alone, a whole daemon, and what a start may find. */
import type { Scenario } from '../../scenario/index.ts';
import { CONTAINERS } from './containers.ts';
import { LOCK } from './lock.ts';
import { OWNER } from './owner.ts';
import { PREEXISTING } from './preexisting/index.ts';

export const MODEL: readonly Scenario[] = [...LOCK, ...OWNER, ...PREEXISTING, ...CONTAINERS];
