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
} from './coverage.ts';
export { executeAll, executeOne } from './execute.ts';
export { BUILT_IN, type Failure } from './failure.ts';
export type { InvariantState, InvariantStates } from './invariant-log.ts';
export { ENDED_BY_REAL_TIME, isByRealTime } from './real-time.ts';
export { emptySchedule, RecordedChoices, ReplayedChoices, type Schedule } from './recorded-choices.ts';
export {
  type Recording,
  record,
} from './recording.ts';
export { Run } from './run.ts';
export type { Span } from './span-log.ts';
export { operationEvent, type TraceEvent, traceHash } from './trace.ts';
