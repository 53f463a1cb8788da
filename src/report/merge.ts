// Merges the reports of the shards of a check.

import { judgeNothingFound, NOTHING_RAN } from '../check/index.ts';
import { type Coverage, mergeCoverage } from '../run/index.ts';
import type { RunBounds } from '../scenario/index.ts';
import { BlobError } from './blob.ts';
import type { CheckedScenario, CheckReport } from './report.ts';

/**
 * Merges the reports of the shards of one check.
 *
 * @throws BlobError if they do not belong to one check, or if a shard is missing
 */
export function mergeReports(reports: readonly CheckReport[]): CheckReport {
  const [first] = reports;
  if (first === undefined) throw new BlobError('there is no report to merge');
  const of = first.shard?.of ?? 1;
  for (const key of ['version', 'seed', 'strategy', 'runs', 'budgetMs', 'allowOmitted'] as const) {
    const other = reports.find((report) => report[key] !== first[key]);
    if (other !== undefined) {
      throw new BlobError(
        `the reports do not belong to one check: ${key} is ${JSON.stringify(first[key])} in one and ${JSON.stringify(other[key])} in another. Give every shard the same options${key === 'seed' ? ', --seed too' : ''}`,
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
      throw new BlobError(`got shard ${index}/${of} ${times} times; expected every shard once`);
  }
  const ids = [...new Set(reports.flatMap(({ scenarios }) => scenarios.map(({ id }) => id)))];
  const scenarios = ids.map((id) =>
    mergeScenarios(
      reports.flatMap((report) => report.scenarios.filter((scenario) => scenario.id === id)),
      first.allowOmitted,
    ),
  );
  const left = [...new Set(reports.flatMap((report) => report.left))].filter((id) => !ids.includes(id));
  return {
    ...first,
    shard: null,
    interrupted: reports.some(({ interrupted }) => interrupted),
    scenarios,
    left,
    ...recordedOf(reports),
  };
}

/** Every shard has the same tokens, but one that was interrupted may not have replayed them all. */
function recordedOf(reports: readonly CheckReport[]): Pick<CheckReport, 'recorded'> {
  const all = reports.flatMap(({ recorded }) => recorded ?? []);
  if (all.length === 0) return {};
  const outdated = Math.max(...all.map((each) => each.outdated));
  return { recorded: { outdated, strict: all.some(({ strict }) => strict) } };
}

function mergeScenarios(parts: readonly CheckedScenario[], allowOmitted: boolean): CheckedScenario {
  // A part that threw before its first run has the least information.
  const first = parts.find(({ bounds }) => bounds !== null) ?? parts[0]!;
  const sum = (of: (part: CheckedScenario) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const coverage = mergeCoverage([first, ...parts.filter((part) => part !== first)]);
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
    assumed: distinct(parts.flatMap(({ assumed }) => assumed)),
    ...textsOf(parts),
    bounds: first.bounds && { ...first.bounds, ...sleptOf(coverage) },
    omitted: [],
    ...(first.strategies !== undefined && { strategies }),
    // Shards report only how many states they reached, not which: the total is at least the maximum.
    ...(first.abstractStates !== undefined && {
      abstractStates: Math.max(...parts.map(({ abstractStates = 0 }) => abstractStates)),
    }),
  };
  const [winner] = violated;
  if (winner !== undefined) {
    const { firstViolationAtRun, foundBy, violations, evidence, omitted } = winner;
    const found = { firstViolationAtRun, ...(foundBy !== undefined && { foundBy }), violations, evidence };
    const left = merged.runs === 0 && { omitted };
    return { ...merged, ...judged(first, 'violated', null), ...found, ...left };
  }
  const unsure = parts.find(({ verdict }) => verdict === 'nondeterministic');
  if (unsure !== undefined)
    return { ...unsure, ...merged, ...judged(first, 'nondeterministic', unsure.reason) };
  if (thrown !== undefined) return { ...merged, ...judged(first, 'inconclusive', thrown.reason) };
  const cut = parts.find(isCutShort);
  if (cut !== undefined) return { ...merged, ...judged(first, 'inconclusive', cut.reason) };
  if (merged.runs === 0) return { ...merged, ...judged(first, 'inconclusive', NOTHING_RAN) };
  // Gaps of one shard may be covered by another.
  return { ...merged, ...judgeNothingFound(coverage, merged.runs, { expects: first.expects, allowOmitted }) };
}

/** Whether a shard was stopped before its last run. A shard without runs had none to make. */
function isCutShort(part: CheckedScenario): boolean {
  const { verdict, reason, runs, expects } = part;
  if (verdict !== 'inconclusive' || reason === NOTHING_RAN) return false;
  return reason !== judgeNothingFound(part, runs, { expects, allowOmitted: false }).reason;
}

const TEXTS = ['notes', 'skipped', 'changed'] as const;

function textsOf(parts: readonly CheckedScenario[]): Pick<CheckedScenario, (typeof TEXTS)[number]> {
  const all = TEXTS.map((key) => [key, distinct(parts.flatMap((part) => part[key] ?? []))] as const);
  return Object.fromEntries(all.filter(([, texts]) => texts.length > 0));
}

function sleptOf({ unawaitedSleepMs }: Coverage): Partial<RunBounds> {
  return unawaitedSleepMs > 0 ? { unawaitedSleepMs } : {};
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function judged(
  { expects }: CheckedScenario,
  verdict: CheckedScenario['verdict'],
  reason: string | null,
): Pick<CheckedScenario, 'verdict' | 'ok' | 'reason'> {
  return { verdict, ok: verdict === (expects === 'pass' ? 'passed' : 'violated'), reason };
}
