/** How many scenarios of a report failed, are inconclusive, or are as expected. */
import { count, whole } from '../scenario/wording.ts';
import type { CheckReport } from './report.ts';

type Judged = CheckReport['scenarios'][number];

export interface Conclusion {
  readonly all: number;
  readonly failed: number;
  /** Nothing was violated, and too little was searched to pass. */
  readonly inconclusive: number;
}

export function concludeOf(scenarios: readonly Pick<Judged, 'ok' | 'verdict' | 'error'>[]): Conclusion {
  const bad = scenarios.filter(({ ok }) => !ok);
  const inconclusive = bad.filter(({ verdict, error }) => verdict === 'inconclusive' && !error).length;
  return { all: scenarios.length, failed: bad.length - inconclusive, inconclusive };
}

/** The parts of the last line of a report, the most important one first: `1 scenario failed`, `2 inconclusive`, `3 as expected`. */
export function conclusionParts({ all, failed, inconclusive }: Conclusion): [string, ...string[]] {
  const parts = (
    [
      [failed, 'failed'],
      [inconclusive, 'inconclusive'],
      [all - failed - inconclusive, 'as expected'],
    ] as const
  ).filter(([n]) => n > 0);
  const [[n, what] = [0, 'checked'] as const, ...others] = parts;
  return [`${count(n, 'scenario')} ${what}`, ...others.map(([more, how]) => `${whole(more)} ${how}`)];
}

/** For a terminal that shows no table: `25 of 50 scenarios failed`. `null` if all are as expected. */
export function failureLine(scenarios: readonly Pick<Judged, 'ok' | 'verdict' | 'error'>[]): string | null {
  const { all, failed, inconclusive } = concludeOf(scenarios);
  if (all === 0) return 'nothing was checked';
  const of = `of ${count(all, 'scenario')}`;
  if (failed > 0)
    return `${whole(failed)} ${of} failed${inconclusive > 0 ? `, ${whole(inconclusive)} inconclusive` : ''}`;
  return inconclusive > 0 ? `${whole(inconclusive)} ${of} inconclusive` : null;
}
