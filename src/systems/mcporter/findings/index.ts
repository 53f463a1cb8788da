/** What is still wrong after the fix: with its follow-ups, unless a scenario says that it uses an earlier form. */
import type { Scenario } from '../../../scenario/index.ts';
import { OF_CLIENTS } from './clients.ts';
import { OF_DAEMONS } from './daemons.ts';
import { OF_LOCKS } from './locks.ts';

export const FINDINGS: readonly Scenario[] = [...OF_DAEMONS, ...OF_LOCKS, ...OF_CLIENTS];
