/** Checking, with all that a check is described, run and scheduled with: one entry for tools that look inside. */

export * from '../run/index.ts';
export * from '../scenario/index.ts';
export * from '../schedule/index.ts';
export { type CheckOptions, check, NOTHING_RAN, type Recorded } from './check.ts';
export { type Critical, type CriticalEvent, criticalOf } from './critical.ts';
export { describeDifference } from './explain-difference.ts';
export { SHARES_NOTHING } from './isolation/isolation.ts';
export { type Replay, replay, replaySchedule, type StartsOfRun } from './replay.ts';
export { reportThrown } from './report-thrown.ts';
export type { ScenarioReport, Verdict, Violation } from './scenario-report.ts';
export {
  countRuns,
  DEFAULT_RUNS,
  type FailingRun,
  firstOfShard,
  type Progress,
  rangeOf,
  type SearchOptions,
  type SearchResult,
  search,
} from './search.ts';
export { type Cost, type Counterexample, type ShrinkOptions, shrink } from './shrink.ts';
export { judgeNothingFound } from './verdict.ts';
