import type { Scenario } from '../scenario/index.ts';
import { CLAUDE_MEM } from './claude-mem/scenarios.ts';
import { CLOSEDLOOP } from './closedloop/scenarios.ts';
import { FAULT_SCENARIOS } from './faults/index.ts';
import { MCPORTER } from './mcporter/scenarios.ts';
import { MODEL } from './model/scenarios.ts';
import { GENERATIONS } from './naive/generations.ts';
import { NAIVE } from './naive/scenarios.ts';
import { OPENCHROME } from './openchrome/scenarios.ts';
import { ORCHESTRATOR } from './orchestrator/scenarios.ts';
import { PEERS } from './peers/scenarios.ts';

export { MISSING_PEERS, type Missing } from './peers/scenarios.ts';

/** Every built-in scenario. Those of published packages only where these are installed. */
export const SCENARIOS: readonly Scenario[] = [
  ...NAIVE,
  ...GENERATIONS,
  ...MODEL,
  ...FAULT_SCENARIOS,
  ...MCPORTER,
  ...OPENCHROME,
  ...ORCHESTRATOR,
  ...CLOSEDLOOP,
  ...CLAUDE_MEM,
  ...PEERS,
];

/** The systems that are modelled before and after their fixes, and on our own protocol. */
export const SYSTEMS: readonly string[] = [
  'openchrome',
  'claude-mem',
  'mcporter',
  'orchestrator',
  'closedloop',
];
