import { z } from 'zod';
import { escapeJson, stringify } from './escape.ts';
import type { CheckReport } from './report.ts';
import {
  beginning,
  counted,
  critical,
  event,
  exercise,
  recorded,
  runBounds,
  shard,
  thrown,
  violation,
} from './schemas/parts.ts';

/** Incremented when older versions would misread a blob. */
const BLOB_VERSION = 2;

const evidence = z.object({
  token: z.string(),
  scenario: z.string(),
  verdict: z.enum(['passed', 'violated', 'inconclusive', 'nondeterministic']),
  invariant: z.string().nullable(),
  message: z.string().nullable(),
  at: z.string().optional(),
  kind: z.enum(['always', 'eventually']),
  traceHash: z.string(),
  critical: critical.nullable(),
  events: z.array(event),
  notes: z.array(z.string()),
});
const scenario = z.object({
  id: z.string(),
  from: z.string().nullable(),
  expects: z.enum(['pass', 'violation']),
  verdict: z.enum(['passed', 'violated', 'inconclusive', 'nondeterministic']),
  ok: z.boolean(),
  runs: counted,
  steps: counted,
  seconds: z.number().min(0),
  firstViolationAtRun: z.number().int().min(1).nullable(),
  foundBy: z.string().nullable().optional(),
  strategies: z.record(z.string(), counted).optional(),
  abstractStates: counted.optional(),
  violations: z.array(violation),
  sometimes: z.record(z.string(), counted),
  reason: z.string().nullable(),
  omitted: z.array(z.string()),
  assumed: z.array(z.string()),
  bounds: runBounds.nullable(),
  exercised: z.array(exercise),
  started: z.array(beginning),
  struck: z.record(z.string(), counted),
  spawned: z.record(z.string(), counted),
  unawaitedSleepMs: z.number().min(0),
  marked: z.record(z.string(), counted).optional(),
  missingFolders: z.record(z.string(), counted).optional(),
  asked: z.record(z.string(), counted).optional(),
  survivors: z.object({ least: counted, most: counted }).optional(),
  error: thrown.optional(),
  unstable: z.string().optional(),
  skipped: z.array(z.string()).optional(),
  changed: z.array(z.string()).optional(),
  notes: z.array(z.string()).optional(),
  mutant: z.string().optional(),
  evidence: z.array(evidence),
  source: z.object({ file: z.string(), line: z.number().int().min(1) }).optional(),
});
const report = z.object({
  version: z.string(),
  node: z.string(),
  seed: counted,
  strategy: z.string(),
  runs: counted.nullable(),
  budgetMs: z.number().nullable(),
  allowOmitted: z.boolean(),
  shard: shard.nullable(),
  interrupted: z.boolean(),
  scenarios: z.array(scenario),
  left: z.array(z.string()),
  recorded: recorded.optional(),
});
const blobShape = z.object({ blob: z.literal(BLOB_VERSION), report });

/** A blob that cannot be used, or blobs that do not belong together. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
}

/** The complete report of a shard, for `merge-reports`. */
export function writeBlob(report: CheckReport): string {
  return `${escapeJson(stringify({ blob: BLOB_VERSION, report }))}\n`;
}

/**
 * @param name the name of the file, for the error
 * @throws BlobError
 */
export function readBlob(text: string, name: string): CheckReport {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new BlobError(`${name} is not a report: ${(error as Error).message}`);
  }
  const { blob } = (parsed ?? {}) as { blob?: unknown };
  if (typeof blob === 'number' && blob !== BLOB_VERSION) {
    throw new BlobError(
      `${name} is a report of format ${blob}; this version reads ${BLOB_VERSION}: merge with the version of one-survivor that wrote it`,
    );
  }
  const checked = blobShape.safeParse(parsed);
  if (!checked.success) {
    throw new BlobError(
      `${name} is not a report written by --reporter blob:\n${z.prettifyError(checked.error)}`,
    );
  }
  return checked.data.report as CheckReport;
}
