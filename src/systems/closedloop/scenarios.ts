import type { Scenario } from '../../scenario/index.ts';
import { AFTER_SCENARIOS, BEFORE_SCENARIOS } from './before-and-after.ts';
import { FINDINGS } from './findings.ts';
import { OURS_SCENARIOS } from './ours-scenarios.ts';

export const CLOSEDLOOP: readonly Scenario[] = [
  ...BEFORE_SCENARIOS,
  ...AFTER_SCENARIOS,
  ...FINDINGS,
  ...OURS_SCENARIOS,
];
