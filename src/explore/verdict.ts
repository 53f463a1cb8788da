/** What it means that a search of every schedule has found no violation. */

import type { ScenarioReport } from '../check/index.ts';
import { describeGaps, type Gaps } from '../run/index.ts';

export interface Findings {
  readonly expects: ScenarioReport['expects'];
  /** Why the search is not complete; `null` if it is. */
  readonly reason: string | null;
  readonly gaps: Gaps;
  /** Parts of the scenario that were in no completed level. */
  readonly missing?: readonly string[];
  /** Something happened that an invariant checks. */
  readonly isExercised: boolean;
  /** The bounds are smaller than the scenario by request. */
  readonly isCut: boolean;
  readonly allowOmitted: boolean;
}

export type Judgement = Pick<ScenarioReport, 'verdict' | 'ok' | 'reason' | 'omitted'>;

export function judge({
  expects,
  reason,
  gaps,
  missing = [],
  isExercised,
  isCut,
  allowOmitted,
}: Findings): Judgement {
  if (reason !== null) return { verdict: 'inconclusive', ok: false, reason, omitted: missing };
  const described = describeGaps(gaps);
  // Smaller bounds may exclude what something requires, such as a crash before a takeover. If they exclude everything, nothing is
  // shown. They never exclude a start: one that did not begin is omitted.
  const isExplained = isCut && isExercised && gaps.omitted.length === 0;
  const isIdle = (gaps.idle ?? []).length > 0;
  const isEnough = described === null || (isExplained && !isIdle) || expects === 'violation';
  if (isEnough && missing.length === 0) {
    const note = described === null ? null : `within these bounds, ${described}`;
    return { verdict: 'passed', ok: expects === 'pass', reason: note, omitted: [] };
  }
  const all: Gaps = isEnough
    ? { omitted: missing, unexercised: [], unreached: [] }
    : { ...gaps, omitted: [...missing, ...gaps.omitted] };
  const isWhole = all.unexercised.length + all.unreached.length + (all.idle ?? []).length === 0;
  const ok = expects === 'pass' && isWhole && allowOmitted;
  return { verdict: 'inconclusive', ok, reason: describeGaps(all), omitted: all.omitted };
}
