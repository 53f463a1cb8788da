/** closedloop: an app and its sidecar on a fixed TCP port. */
import type { Scenario } from '../../scenario/index.ts';
import { AFTER_SCENARIOS } from './after.ts';
import { BEFORE_SCENARIOS } from './before.ts';
import { FINDINGS } from './findings.ts';
import { OURS_SCENARIOS } from './ours/scenarios.ts';

export const CLOSEDLOOP: readonly Scenario[] = [
  ...BEFORE_SCENARIOS,
  ...AFTER_SCENARIOS,
  ...FINDINGS,
  ...OURS_SCENARIOS,
];
