export {
  type Bounds,
  bounded,
  boundsOf,
  contendersOf,
  faultCounts,
  findBounded,
  isBounded,
  type OtherFault,
  withFault,
} from './bounds.ts';
export { type Claim, Claims } from './claims.ts';
export * from './invariant.ts';
export * from './invariants.ts';
export { checkNumbers } from './option-numbers.ts';
export type { Scenario, ScenarioOptions, Start } from './options.ts';
export { plannedFaults } from './planned-faults.ts';
export { mostOf, type RunBounds, runBoundsOf } from './run-bounds.ts';
export { ScenarioError, scenario } from './scenario.ts';
export { describeThrown, type Thrown, thrownOf } from './thrown.ts';
export type { Eviction, SentSignal, World } from './world.ts';
