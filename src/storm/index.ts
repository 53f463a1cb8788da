export {
  DEFAULT_STORM_FAULTS,
  isStormFault,
  OF_FILES,
  STORM_FAULTS,
  type StormFault,
} from './faults.ts';
export { describeIsolation } from './isolation.ts';
export { NAMESPACES, type Namespace } from './namespaces.ts';
export { describeRound } from './plan.ts';
export { type RoundResult, StateDirError, type StormResult, storm } from './storm.ts';
export { collapseHome } from './surroundings.ts';
export { commandFile } from './tools.ts';
