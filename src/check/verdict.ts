// The verdict of a complete search without a violation.
import { type Coverage, describeGaps, gapsOf } from '../run/coverage.ts';

/** The part of a report that follows from the coverage. */
export interface NothingFound {
  readonly verdict: 'passed' | 'inconclusive';
  readonly ok: boolean;
  readonly reason: string | null;
  readonly omitted: readonly string[];
}

export interface Expected {
  readonly expects: 'pass' | 'violation';
  /** Whether omitted parts of the scenario are accepted. */
  readonly allowOmitted: boolean;
}

/** @param runs the number of runs */
export function judgeNothingFound(
  coverage: Coverage,
  runs: number,
  { expects, allowOmitted }: Expected,
): NothingFound {
  if (expects === 'violation') return { verdict: 'passed', ok: false, reason: null, omitted: [] };
  const gaps = gapsOf(coverage, runs);
  const reason = describeGaps(gaps);
  if (reason === null) return { verdict: 'passed', ok: true, reason, omitted: [] };
  const isAllowed = gaps.omitted.length === 0 || allowOmitted;
  const { idle = [] } = gaps;
  const ok = isAllowed && idle.length === 0 && gaps.unexercised.length === 0 && gaps.unreached.length === 0;
  return { verdict: 'inconclusive', ok, reason, omitted: gaps.omitted };
}
