import { z } from 'zod';
import { describeGaps, gapsOf, mergeCoverage } from '../check/index.ts';
import { escapeJson, stringify } from './escape.ts';
import type { CheckedScenario, CheckReport } from './report.ts';

/** Changes when an older reader would misread a blob. */
const BLOB_VERSION = 2;

const counted = z.number().int().min(0);
const criticalEvent = z.object({ step: counted, kind: z.enum(['step', 'fault']) });
const critical = z.object({ first: criticalEvent, second: criticalEvent, passing: z.string() });
const violation = z.object({
  invariant: z.string(),
  message: z.string(),
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

/**
 * The reports of the shards of one check, as one.
 *
 * @throws BlobError when they are not the shards of one check, or not all of them
 */
export function mergeReports(reports: readonly CheckReport[]): CheckReport {
  const [first] = reports;
  if (first === undefined) throw new BlobError('there is no report to merge');
  const of = first.shard?.of ?? 1;
  for (const key of ['version', 'seed', 'strategy', 'runs', 'budgetMs'] as const) {
    const other = reports.find((report) => report[key] !== first[key]);
    if (other !== undefined) {
      throw new BlobError(
        `the reports are not of one check: ${key} is ${JSON.stringify(first[key])} in one and ${JSON.stringify(other[key])} in another. Give every shard the same options${key === 'seed' ? ', --seed too' : ''}`,
      );
    }
  }
  const shards = reports.map(({ shard }) => shard ?? { index: 1, of: 1 });
  if (shards.some((shard) => shard.of !== of)) {
    throw new BlobError(
      `the reports are of checks in ${[...new Set(shards.map((shard) => shard.of))].join(' and ')} shards`,
    );
  }
  for (let index = 1; index <= of; index++) {
    const times = shards.filter((shard) => shard.index === index).length;
    if (times !== 1)
      throw new BlobError(`shard ${index}/${of} is there ${times} times; expected: every shard once`);
  }
  const ids = [...new Set(reports.flatMap(({ scenarios }) => scenarios.map(({ id }) => id)))];
  const scenarios = ids.map((id) =>
    mergeScenarios(reports.flatMap((report) => report.scenarios.filter((scenario) => scenario.id === id))),
  );
  const left = [...new Set(reports.flatMap((report) => report.left))].filter((id) => !ids.includes(id));
  return {
    ...first,
    shard: null,
    interrupted: reports.some(({ interrupted }) => interrupted),
    scenarios,
    left,
  };
}

function mergeScenarios(parts: readonly CheckedScenario[]): CheckedScenario {
  const first = parts[0]!;
  const sum = (of: (part: CheckedScenario) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const coverage = mergeCoverage([first, ...parts.slice(1)]);
  const strategies: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, count] of Object.entries(part.strategies ?? {}))
      strategies[name] = (strategies[name] ?? 0) + count;
  }
  const byRun = (part: CheckedScenario): number => part.firstViolationAtRun ?? 0;
  const violated = parts.filter(({ verdict }) => verdict === 'violated').sort((a, b) => byRun(a) - byRun(b));
  const thrown = parts.find(({ error }) => error !== undefined);
  const merged = {
    ...first,
    ...(thrown !== undefined && { error: thrown.error }),
    runs: sum(({ runs }) => runs),
    steps: sum(({ steps }) => steps),
    seconds: sum(({ seconds }) => seconds),
    ...coverage,
    assumed: [...new Set(parts.flatMap(({ assumed }) => assumed))],
    omitted: [],
    ...(first.strategies !== undefined && { strategies }),
    // A shard tells how many it has seen, and not which: together they are at least as many as the most.
    ...(first.abstractStates !== undefined && {
      abstractStates: Math.max(...parts.map(({ abstractStates = 0 }) => abstractStates)),
    }),
  };
  const [winner] = violated;
  if (winner !== undefined) {
    const { firstViolationAtRun, foundBy, violations, evidence } = winner;
    const found = { firstViolationAtRun, ...(foundBy !== undefined && { foundBy }), violations, evidence };
    return { ...merged, ...judged(first, 'violated', null), ...found };
  }
  const unsure = parts.find(({ verdict }) => verdict === 'nondeterministic');
  if (unsure !== undefined)
    return { ...unsure, ...merged, ...judged(first, 'nondeterministic', unsure.reason) };
  if (thrown !== undefined) return { ...merged, ...judged(first, 'inconclusive', thrown.reason) };
  // What no shard alone has reached, or had a run for, another may have.
  const gaps = gapsOf(coverage, merged.runs);
  const reason = first.expects === 'pass' && merged.runs > 0 ? describeGaps(gaps) : null;
  if (reason !== null) {
    return { ...merged, omitted: gaps.omitted, ...judged(first, 'inconclusive', reason) };
  }
  const cut = parts.find(
    ({ verdict, reason, runs }) => verdict === 'inconclusive' && runs > 0 && !reason?.startsWith('never'),
  );
  if (cut !== undefined) return { ...merged, ...judged(first, 'inconclusive', cut.reason) };
  if (merged.runs === 0) return { ...merged, ...judged(first, 'inconclusive', 'nothing ran') };
  return { ...merged, ...judged(first, 'passed', null) };
}

function judged(
  { expects }: CheckedScenario,
  verdict: CheckedScenario['verdict'],
  reason: string | null,
): Pick<CheckedScenario, 'verdict' | 'ok' | 'reason'> {
  return { verdict, ok: verdict === (expects === 'pass' ? 'passed' : 'violated'), reason };
}
