export { isAsked } from './asked.ts';
export { type Baseline, baselineOf, ownerSeen } from './baseline.ts';
export {
  type CommandOptions,
  commandScenario,
  DEFAULT_COMMAND_FAULTS,
  DEFAULT_SETTLE_MS,
  DEFAULT_STARTS,
  programNameOf,
} from './command-scenario.ts';
export { RUNS_AS_IT_IS } from './runs-as-it-is.ts';
