export { BlobError, readBlob, writeBlob } from './blob.ts';
export { byInvariant, byInvariantJson } from './by-invariant.ts';
export {
  type CheckerMutantsReport,
  checkerMutantsHeading,
  checkerMutantsJson,
  checkerMutantsText,
} from './checker-mutants.ts';
export { type Colors, createColors, PLAIN } from './colors.ts';
export { failureLine } from './conclusion.ts';
export { ctrf, type Times } from './ctrf.ts';
export { escapeLines, printable } from './escape.ts';
export { EXIT } from './exit-codes.ts';
export { describeLevel, type Exploration, explorationJson, explored } from './exploration.ts';
export { findingsList, findingsPage } from './findings.ts';
export { githubAnnotations, githubSummary, SUMMARY_BYTES } from './github.ts';
export { githubInert } from './github-inert.ts';
export { checkJson, replayJson } from './json.ts';
export { junit } from './junit.ts';
export { type Listing, list, listJson } from './list.ts';
export { mergeReports } from './merge.ts';
export { mermaid } from './mermaid.ts';
export {
  exitCodeOfMutants,
  mutantsHeading,
  mutantsJson,
  mutantsText,
} from './mutants.ts';
export { perfetto } from './perfetto.ts';
export { exitCodeOfReal, realText } from './real.ts';
export {
  type CheckedScenario,
  type CheckReport,
  type Evidence,
  evidenceOf,
  exitCodeOf,
  exitCodeOfReplay,
  replayCommand,
} from './report.ts';
export { sarif } from './sarif.ts';
export { heading, replayed, table } from './table.ts';
export { timeline } from './timeline.ts';
