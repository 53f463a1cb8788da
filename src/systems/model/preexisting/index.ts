/** What a start may find: claims of others, claims that are none, other processes. */
import type { Scenario } from '../../../scenario/index.ts';
import { FOREIGN_CLAIMS } from './foreign-claims.ts';
import { FORMATS } from './formats.ts';
import { FORMER_OWNERS } from './former-owners.ts';
import { HELD } from './held.ts';
import { HOSTILE } from './hostile.ts';
import { INHERITED } from './inherited.ts';
import { LEAVING } from './leaving.ts';
import { LISTENERS } from './listeners.ts';
import { ODD_CLAIMS } from './odd-claims.ts';
import { PROCESSES } from './processes.ts';

import { SLOW_STARTS } from './slow-starts.ts';
import { STOPPED } from './stopped.ts';
import { SURROUNDINGS } from './surroundings.ts';
import { WAYS_OUT } from './ways-out.ts';

export const PREEXISTING: readonly Scenario[] = [
  ...FORMER_OWNERS,
  ...ODD_CLAIMS,
  ...PROCESSES,
  ...INHERITED,
  ...FOREIGN_CLAIMS,
  ...LISTENERS,
  ...STOPPED,
  ...SLOW_STARTS,
  ...LEAVING,
  ...HELD,
  ...WAYS_OUT,
  ...SURROUNDINGS,
  ...HOSTILE,
  ...FORMATS,
];
