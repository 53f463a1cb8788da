export {
  DEFAULT_STORM_FAULTS,
  isStormFault,
  OF_FILES,
  STORM_FAULTS,
  type StormFault,
} from './faults.ts';
export { describeIsolation, NAMESPACES, type Namespace } from './isolation.ts';
export { describeRound } from './plan.ts';
export { type RoundResult, StateDirError, type StormResult, storm } from './storm.ts';
export { collapseHome } from './surroundings.ts';
export { commandFile } from './tools.ts';
