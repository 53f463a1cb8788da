/** What the fixes leave: found by search or by reading, each with what would fix it. */
import type { Scenario } from '../../../scenario/index.ts';
import { OF_THE_EVICTED } from './evicted.ts';
import { OF_LOCKS } from './locks.ts';
import { OF_ORPHANS } from './orphans.ts';
import { OF_PROBES } from './probes.ts';
import { OF_PROFILES } from './profiles.ts';
import { OF_SESSIONS } from './sessions.ts';

export const FINDINGS: readonly Scenario[] = [
  ...OF_LOCKS,
  ...OF_THE_EVICTED,
  ...OF_PROBES,
  ...OF_SESSIONS,
  ...OF_ORPHANS,
  ...OF_PROFILES,
];
