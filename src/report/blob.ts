import { z } from 'zod';
import { escapeJson, stringify } from './escape.ts';
import type { CheckReport } from './report.ts';

/** Changes when an older reader would misread a blob. */
const BLOB_VERSION = 2;

const counted = z.number().int().min(0);
const criticalEvent = z.object({ step: counted, kind: z.enum(['step', 'fault']) });
const critical = z.object({ first: criticalEvent, second: criticalEvent, passing: z.string() });
const violation = z.object({
  invariant: z.string(),
  message: z.string(),
  at: z.string().optional(),
  token: z.string(),
  faults: counted,
  contenders: counted,
  switches: counted,
  steps: counted,
  starts: z.object({ of: counted, idle: z.array(z.string()), leftOut: z.array(z.string()) }),
  critical: critical.nullable(),
  cutShort: z.string().optional(),
});
const evidence = z.object({
  token: z.string(),
  scenario: z.string(),
  verdict: z.enum(['passed', 'violated', 'nondeterministic']),
  invariant: z.string().nullable(),
  message: z.string().nullable(),
  at: z.string().optional(),
  kind: z.enum(['always', 'eventually']),
  traceHash: z.string(),
  critical: critical.nullable(),
  events: z.array(
    z.object({
      step: counted,
      atMs: z.number().min(0),
      process: z.string(),
      op: z.string(),
      args: z.record(z.string(), z.unknown()),
      result: z.unknown(),
    }),
  ),
  notes: z.array(z.string()),
});
const runBounds = z.object({
  faultsForMs: z.number(),
  endsAtMs: z.number(),
  maxSteps: counted,
  operationUs: z.number(),
  busyMs: z.number(),
  busyUntilMs: z.number(),
  faults: z.record(z.string(), counted),
  unawaitedSleepMs: z.number().optional(),
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
  exercised: z.array(
    z.object({ invariant: z.string(), requires: z.string(), optional: z.boolean(), runs: counted }),
  ),
  started: z.array(z.object({ start: z.string(), processes: counted, otherwise: z.string() })),
  struck: z.record(z.string(), counted),
  spawned: z.record(z.string(), counted),
  unawaitedSleepMs: z.number().min(0),
  error: z
    .object({
      name: z.string(),
      message: z.string(),
      file: z.string().nullable(),
      line: z.number().int().min(1).nullable(),
      stack: z.array(z.string()).optional(),
    })
    .optional(),
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
  shard: z.object({ index: z.number().int().min(1), of: z.number().int().min(1) }).nullable(),
  interrupted: z.boolean(),
  scenarios: z.array(scenario),
  left: z.array(z.string()),
});
const blobShape = z.object({ blob: z.literal(BLOB_VERSION), report });

/** A blob cannot be used, or blobs do not belong together. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
}

/** The report of a shard, all of it, for `merge-reports`. */
export function writeBlob(report: CheckReport): string {
  return `${escapeJson(stringify({ blob: BLOB_VERSION, report }))}\n`;
}

/**
 * @param name of the file, for the error
 * @throws BlobError
 */
export function readBlob(text: string, name: string): CheckReport {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new BlobError(`${name} is no report: ${(error as Error).message}`);
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
      `${name} is no report that --reporter blob has written:\n${z.prettifyError(checked.error)}`,
    );
  }
  return checked.data.report as CheckReport;
}
