export type { FaultName, FaultPlan } from '../sim/index.ts';
export { holdGuards } from '../sim/index.ts';
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
export {
  type CheckOptions,
  check,
  describeDifference,
  NOTHING_RAN,
  type Recorded,
  type ScenarioReport,
  type Verdict,
  type Violation,
} from './check.ts';
export { emptySchedule, RecordedChoices, ReplayedChoices, type Schedule } from './choices/recorded.ts';
export { DEFAULT_STRATEGY, findStrategy, STRATEGIES, type Strategy } from './choices/strategies.ts';
export { type Claim, Claims } from './claims.ts';
export {
  type Beginning,
  type Coverage,
  CoverageCounter,
  describeGaps,
  type Exercise,
  type Gaps,
  gapsOf,
  mergeCoverage,
  NO_COVERAGE,
  plannedFaults,
} from './coverage.ts';
export { type Critical, type CriticalEvent, criticalOf } from './critical.ts';
export { firstDifference } from './difference.ts';
export { executeAll, executeOne } from './execute.ts';
export { type Film, type FilmedListener, type FilmedProcess, type Frame, film } from './film.ts';
export * from './invariant.ts';
export * from './invariants.ts';
export { SHARES_NOTHING } from './isolation/isolation.ts';
export { checkNumbers } from './option-numbers.ts';
export { type Replay, replay, replaySchedule, type StartsOfRun } from './replay.ts';
export { BUILT_IN, type Failure, Run } from './run.ts';
export { mostOf, type RunBounds, runBoundsOf } from './run-bounds.ts';
export { type Scenario, ScenarioError, type ScenarioOptions, type Start, scenario } from './scenario.ts';
export {
  countRuns,
  DEFAULT_RUNS,
  type Found,
  firstOfShard,
  type Progress,
  rangeOf,
  type Searched,
  type SearchOptions,
  search,
} from './search.ts';
export { type Cost, type Counterexample, type ShrinkOptions, shrink } from './shrink.ts';
export { describeThrown, reportThrown, type Thrown, thrownOf } from './thrown.ts';
export { decodeToken, encodeToken, isOfOtherFormat, TokenError } from './token.ts';
export { type TraceEvent, traceHash } from './trace.ts';
export { judgeNothingFound } from './verdict.ts';
export type { Eviction, SentSignal, World } from './world.ts';
