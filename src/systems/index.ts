import type { Scenario } from '../check/index.ts';
import { FAULT_SCENARIOS } from './faults/index.ts';
import { MODEL } from './model/scenarios.ts';
import { NAIVE } from './naive/scenarios.ts';

/** Every built-in scenario. */
export const SCENARIOS: readonly Scenario[] = [...NAIVE, ...MODEL, ...FAULT_SCENARIOS];
