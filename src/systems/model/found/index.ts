import type { Scenario } from '../../../scenario/index.ts';
import { FORMER_OWNERS } from './former-owners.ts';
import { HELD } from './held.ts';
import { LEAVING } from './leaving.ts';
import { HUNG_OWNER, LISTENERS, SICK_HOLDER } from './listeners.ts';
import { DANGLING_LINK, HIGHEST_NUMBERS, UNREADABLE } from './odd-claims.ts';
import { OTHER_MACHINES, OTHER_OWNERS } from './others.ts';
import { CHILDREN, PROCESSES } from './processes.ts';
import { STOPPED } from './stopped.ts';

/** What a start may come upon: claims of others, claims that are none, other processes. */
export const FOUND: readonly Scenario[] = [
  ...FORMER_OWNERS,
  UNREADABLE,
  ...PROCESSES,
  ...OTHER_MACHINES,
  ...HIGHEST_NUMBERS,
  ...OTHER_OWNERS,
  ...LISTENERS,
  DANGLING_LINK,
  SICK_HOLDER,
  ...STOPPED,
  ...LEAVING,
  ...HELD,
  ...CHILDREN,
  HUNG_OWNER,
];
