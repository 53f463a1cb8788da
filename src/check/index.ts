/** The entry for tools that use the internals: checking, and everything to describe, run and schedule scenarios. */

export { Deadline } from '../run/deadline.ts';
export * from '../run/index.ts';
export * from '../scenario/index.ts';
export * from '../schedule/index.ts';
export { check } from './check.ts';
export { type CheckOptions, ISOLATION } from './check-options.ts';
export type { Cost } from './counterexample.ts';
export { type Critical, type CriticalEvent, criticalOf } from './critical.ts';
export { DEFAULT_RUNS } from './default-runs.ts';
export { describeDifference } from './explain-difference.ts';
export {
  type FindAgainOptions,
  type FoundAgain,
  findAgain,
  loggedRun,
  type NotFoundAgain,
  namedLogOf,
  type RecordedViolation,
} from './find-again.ts';
export { placedEvents } from './located-run.ts';
export { type Recorded, runDepartureOf } from './recorded-tokens.ts';
export { type Replay, replay, replaySchedule, runOfToken, type StartsOfRun } from './replay.ts';
export { NOTHING_RAN } from './report-builder.ts';
export { reportThrown } from './report-thrown.ts';
export type { ScenarioReport, Verdict, Violation } from './scenario-report.ts';
export { type FailingRun, type SearchResult, search } from './search.ts';
export {
  countRuns,
  type Progress,
  SEARCH_OPTIONS,
  type SearchOptions,
} from './search-options.ts';
export { shrink } from './shrink.ts';
export { shrinkFound } from './shrink-endless.ts';
export { type Signature, signatureOf } from './signature.ts';
export { withSourceLines, withSourceLinesOfAll } from './source-lines.ts';
export { callAt, numberCalls, type StopAt, StopError, stopInCall } from './stop-in-call.ts';
export { judgeNothingFound } from './verdict.ts';
export type { Wait } from './waits.ts';
