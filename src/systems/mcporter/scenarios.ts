import type { Scenario } from '../../scenario/index.ts';
import { AFTER_SCENARIOS } from './after.ts';
import { BEFORE_SCENARIOS } from './before.ts';
import { FINDINGS } from './findings.ts';
import { OUR_SCENARIOS } from './ours.ts';

/** mcporter's daemon: one Unix socket, and many ways to start it. */
export const MCPORTER: readonly Scenario[] = [
  ...BEFORE_SCENARIOS,
  ...AFTER_SCENARIOS,
  ...FINDINGS,
  ...OUR_SCENARIOS,
];
