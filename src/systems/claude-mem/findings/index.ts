/** What #1085 and the lock that came later still let through. */
import type { Scenario } from '../../../scenario/index.ts';
import { OF_LATER } from './later.ts';
import { OF_LOCKS } from './locks.ts';
import { OF_REAPERS } from './reapers.ts';
import { OF_WORKERS } from './workers.ts';

export const FINDINGS: readonly Scenario[] = [...OF_LOCKS, ...OF_REAPERS, ...OF_WORKERS, ...OF_LATER];
