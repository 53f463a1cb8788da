export { BlobError, readBlob, writeBlob } from './blob.ts';
export { type Colors, createColors, PLAIN } from './colors.ts';
export { escapeLines, printable } from './escape.ts';
export { describeLevel, type Exploration, explorationJson, explored } from './exploration.ts';
export { type Finding, findingsPage, findingsTable } from './findings.ts';
export { githubAnnotations, githubInert, githubSummary, SUMMARY_BYTES } from './github.ts';
export { checkJson, replayJson } from './json.ts';
export { junit } from './junit.ts';
export { type Listing, list, listJson } from './list.ts';
export { mergeReports } from './merge.ts';
export { type MermaidOptions, mermaid } from './mermaid.ts';
export {
  exitCodeOfMutants,
  type MutantsReport,
  mutantsHeading,
  mutantsJson,
  mutantsText,
} from './mutants.ts';
export { perfetto } from './perfetto.ts';
export {
  type CheckedScenario,
  type CheckReport,
  type Evidence,
  EXIT,
  evidenceOf,
  exitCodeOf,
  exitCodeOfReplay,
  replayCommand,
} from './report.ts';
export { heading, replayed, table } from './table.ts';
export { timeline } from './timeline.ts';
