/** For each fault a daemon that lacks the guard against it, and its twin that has it. */
import type { Scenario } from '../../scenario/index.ts';
import { OF_FILES } from './of-files.ts';
import { OF_MACHINES } from './of-machines.ts';
import { OF_NETWORKS } from './of-networks.ts';
import { OF_OPERATIONS } from './of-operations.ts';
import { OF_PROCESSES } from './of-processes.ts';

export const FAULT_SCENARIOS: readonly Scenario[] = [
  ...OF_PROCESSES,
  ...OF_FILES,
  ...OF_MACHINES,
  ...OF_OPERATIONS,
  ...OF_NETWORKS,
];
