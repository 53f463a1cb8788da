/** mcporter's daemon: one Unix socket, and many ways to start it. */
import type { Scenario } from '../../scenario/index.ts';
import { AFTER_SCENARIOS } from './after.ts';
import { BEFORE_SCENARIOS } from './before.ts';
import { FINDINGS } from './findings/index.ts';
import { OURS } from './ours/scenarios.ts';

export const MCPORTER: readonly Scenario[] = [...BEFORE_SCENARIOS, ...AFTER_SCENARIOS, ...FINDINGS, ...OURS];
