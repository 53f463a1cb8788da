/** openchrome: sessions that share one Chrome, before and after the fixes of issue #1474, and on our protocol. */
import type { Scenario } from '../../scenario/index.ts';
import { AFTER_SCENARIOS } from './after.ts';
import { BEFORE_SCENARIOS } from './before.ts';
import { FINDINGS } from './findings/index.ts';
import { OURS } from './ours/scenarios.ts';

export const OPENCHROME: readonly Scenario[] = [
  ...BEFORE_SCENARIOS,
  ...AFTER_SCENARIOS,
  ...FINDINGS,
  ...OURS,
];
