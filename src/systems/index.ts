/** Every built-in scenario, and the systems that they are about. */
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
import { PACKAGE_SCENARIOS } from './packages/scenarios.ts';

export { MISSING_PACKAGES, type Missing } from './packages/scenarios.ts';

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
  ...PACKAGE_SCENARIOS,
];

/** The systems that are modelled before and after their fixes, and on our own protocol. */
export const SYSTEMS: readonly string[] = [
  'openchrome',
  'claude-mem',
  'mcporter',
  'orchestrator',
  'closedloop',
];
