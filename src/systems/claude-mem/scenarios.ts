import type { Scenario } from '../../scenario/index.ts';
import { AFTER } from './after.ts';
import { BEFORE } from './before.ts';
import { OF_LOCKS } from './findings-of-locks.ts';
import { OF_PROCESSES } from './findings-of-processes.ts';
import { OURS } from './ours.ts';

/** claude-mem's worker and its chroma-mcp: a storm of starts, what tamed it, what is left, and the same on our protocol. */
export const CLAUDE_MEM: readonly Scenario[] = [...BEFORE, ...AFTER, ...OF_LOCKS, ...OF_PROCESSES, ...OURS];
