/** The main entry of the package: everything to write scenarios, programs and tests. */

// Random schedules.
export {
  type CheckOptions,
  type Critical,
  type CriticalEvent,
  check,
  criticalOf,
  type Progress,
  type Replay,
  replay,
  type ScenarioReport,
  type SearchOptions,
  type StartsOfRun,
  type Verdict,
  type Violation,
} from './check/index.ts';
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
  type NodeProgramOptions,
  nodeFs,
  nodeProgram,
} from './guest/index.ts';
// Programs.
export { hasCode, isSystemError, type Ports, type Program, SystemError } from './ports/index.ts';
// The config of a project.
export { type Config, defineConfig } from './project/define-config.ts';
// The runs in a report.
export type { Beginning, Coverage, Exercise, Failure, TraceEvent } from './run/index.ts';
// Scenarios.
export {
  type Always,
  type AlwaysOptions,
  always,
  type Bounds,
  bounded,
  boundsOf,
  type Complaint,
  type Eventually,
  eventually,
  type Invariant,
  type InvariantOptions,
  ifExercised,
  type Owner,
  type Precondition,
  type RunBounds,
  type Scenario,
  ScenarioError,
  type ScenarioOptions,
  type Sometimes,
  type Start,
  scenario,
  sometimes,
  type World,
} from './scenario/index.ts';
export * from './scenario/invariants.ts';
export * from './scenario/observed/invariants.ts';
export { type OneSurvivorOptions, oneSurvivor } from './scenario/one-survivor.ts';
export { findStrategy, STRATEGIES, type Strategy, TokenError } from './schedule/index.ts';
export { type CommandOptions, commandScenario } from './simulate/index.ts';
