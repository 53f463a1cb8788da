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
export { emptySchedule, RecordedChoices, ReplayedChoices, type Schedule } from './recorded-choices.ts';
export {
  type Recording,
  record,
} from './recording.ts';
export { Run } from './run.ts';
export { operationEvent, type TraceEvent, traceHash } from './trace.ts';
