/** claude-mem's worker and its chroma-mcp: a storm of starts, its fix, what is left, and the same on our protocol. */
import type { Scenario } from '../../scenario/index.ts';
import { AFTER } from './after.ts';
import { BEFORE } from './before.ts';
import { FINDINGS } from './findings/index.ts';
import { LATER } from './later.ts';
import { OURS } from './ours/scenarios.ts';
import { PARTLY } from './partly.ts';

export const CLAUDE_MEM: readonly Scenario[] = [
  ...BEFORE,
  ...PARTLY,
  ...AFTER,
  ...LATER,
  ...FINDINGS,
  ...OURS,
];
