/** What the address of the page says: which event is selected, and what is filtered. `run.html#step=20` opens at step 20. */
import type { PageTrace } from '../src/report/page/data.ts';
import { type Filter, HIDDEN, NO_FILTER, ONLY } from './filter.ts';
import { lastAtOrBefore } from './lane.ts';

export interface Place {
  /** `null`: the address names none. */
  readonly step: number | null;
  /** The number of the event, counted from 1, where a step has several. */
  readonly event: number | null;
  readonly passing: boolean;
  readonly search: string;
  readonly filter: Filter;
  readonly table: boolean;
  /** The run of a report. */
  readonly run: string | null;
}

export function readLink(hash: string): Place {
  const words = new URLSearchParams(hash.replace(/^#/, ''));
  const whole = (name: string): number | null => {
    const text = words.get(name);
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const listed = <T extends string>(name: string, known: readonly T[]): Set<T> => {
    const given = new Set((words.get(name) ?? '').split(','));
    return new Set(known.filter((each) => given.has(each)));
  };
  return {
    step: whole('step'),
    event: whole('event'),
    passing: words.get('shown') === 'passing',
    search: words.get('search') ?? '',
    filter: {
      path: words.get('path') ?? NO_FILTER.path,
      without: new Set(words.getAll('without')),
      only: listed('only', ONLY),
      hide: listed('hide', HIDDEN),
    },
    table: words.get('view') === 'table',
    run: words.get('run'),
  };
}

export function linkOf(place: Place): string {
  const words = new URLSearchParams();
  if (place.run !== null) words.set('run', place.run);
  if (place.step !== null) words.set('step', String(place.step));
  if (place.event !== null) words.set('event', String(place.event));
  if (place.passing) words.set('shown', 'passing');
  if (place.search !== '') words.set('search', place.search);
  const { path, without, only, hide } = place.filter;
  if (path !== '') words.set('path', path);
  for (const name of without) words.append('without', name);
  if (only.size > 0) words.set('only', [...only].join(','));
  if (hide.size > 0) words.set('hide', [...hide].join(','));
  if (place.table) words.set('view', 'table');
  return `#${words.toString()}`;
}

/** The row that an address names; `null` if it names none. */
export function rowOfLink({ rows }: PageTrace, { step, event }: Place): number | null {
  if (event !== null && event >= 1 && event <= rows.length) return event - 1;
  if (step === null || rows.length === 0) return null;
  const first = rows.findIndex((row) => row.step === step);
  return first >= 0
    ? first
    : Math.max(
        0,
        lastAtOrBefore(rows, step, (row) => row.step),
      );
}

/** The event is named only where its step has several. */
export function placeOfRow({ rows }: PageTrace, at: number): Pick<Place, 'step' | 'event'> {
  const step = rows[at]?.step ?? null;
  return { step, event: rows[at - 1]?.step === step ? at + 1 : null };
}
