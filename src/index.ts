// Describe.
// Run.
export {
  type Always,
  always,
  type Bounds,
  bounded,
  boundsOf,
  type CheckOptions,
  type Complaint,
  type Critical,
  type CriticalEvent,
  check,
  criticalOf,
  type Eventually,
  eventually,
  type Failure,
  findStrategy,
  type Invariant,
  type Progress,
  type Replay,
  replay,
  type Scenario,
  ScenarioError,
  type ScenarioOptions,
  type ScenarioReport,
  type SearchOptions,
  type Sometimes,
  STRATEGIES,
  type Start,
  type Strategy,
  scenario,
  sometimes,
  TokenError,
  type TraceEvent,
  type Verdict,
  type Violation,
  type World,
} from './check/index.ts';
export * from './check/invariants.ts';
// Every schedule.
export {
  type ExploreBounds,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreReport,
  explore,
  exploreLevels,
  type Level,
  type LevelBounds,
  type LevelsOptions,
  type LevelsReport,
  ScheduleTree,
  type TreeEnd,
  type TreeNode,
} from './explore/index.ts';
// Published packages as programs.
export {
  GuestError,
  type GuestGlobals,
  type GuestOptions,
  type GuestRequire,
  guestProgram,
  type NodeFs,
  nodeFs,
} from './guest/index.ts';
// What programs are written with.
export { hasCode, isSystemError, type Ports, type Program, SystemError } from './ports/index.ts';
