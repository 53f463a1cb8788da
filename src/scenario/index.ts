export * from './arguments.ts';
export {
  type Bounds,
  bounded,
  boundsOf,
  contendersOf,
  faultCounts,
  findBounded,
  isBounded,
  withFault,
} from './bounds.ts';
export { Claims } from './claims.ts';
export * from './invariant.ts';
export * from './invariants.ts';
export * from './observed/invariants.ts';
export { invariantOf } from './observed/of-judgement.ts';
export type { Owner } from './observed/owner-spec.ts';
export { ONE_SURVIVOR, type OneSurvivorOptions, oneSurvivor } from './one-survivor.ts';
export type { Scenario, ScenarioOptions, Start } from './options.ts';
export { plannedFaults } from './planned-faults.ts';
export { type RunBounds, runBoundsOf } from './run-bounds.ts';
export { ScenarioError, scenario } from './scenario.ts';
export { describeThrown, type Thrown, thrownOf } from './thrown.ts';
export type { World } from './world.ts';
