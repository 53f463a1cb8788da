/** Which rows of a run are shown, and which of them a search finds. */
import type { PageTrace } from '../src/report/page/data.ts';

export interface Filter {
  /** Part of a text, for example of a path; empty: all. */
  readonly path: string;
  /** Names of processes whose rows are not shown. */
  readonly without: ReadonlySet<string>;
  /** Only rows that are one of these; none: all. */
  readonly only: ReadonlySet<Only>;
  readonly hide: ReadonlySet<Hidden>;
}

export const ONLY = ['errors', 'faults', 'marks'] as const;
export type Only = (typeof ONLY)[number];
export const HIDDEN = ['closes', 'reads'] as const;
export type Hidden = (typeof HIDDEN)[number];

export const NO_FILTER: Filter = { path: '', without: new Set(), only: new Set(), hide: new Set() };

/** Operations that only look, and those that close. */
const OPS: Readonly<Record<Hidden, ReadonlySet<string>>> = {
  closes: new Set(['close']),
  reads: new Set([
    ...['read', 'stat', 'lstat', 'fstat', 'statfs', 'access', 'readlink', 'realpath', 'opendir', 'readdir'],
    ...['self', 'clock', 'random', 'processInfo', 'listProcesses', 'processEnv', 'holders', 'getsockname'],
  ]),
};
const TONES: Readonly<Record<Only, string>> = { errors: 'failed', faults: 'fault', marks: 'mark' };

/** How many conditions a filter has. */
export function conditionsOf({ path, without, only, hide }: Filter): number {
  return (path === '' ? 0 : 1) + without.size + only.size + hide.size;
}

/** The two decisive events and the violation are never hidden by kind. */
export function passesOf(trace: PageTrace, filter: Filter): (row: number) => boolean {
  if (conditionsOf(filter) === 0) return () => true;
  const { path, without, only, hide } = filter;
  const hidden = new Set([...hide].flatMap((name) => [...OPS[name]]));
  const tones = new Set<string>([...only].map((name) => TONES[name]));
  const without_ = new Set(trace.actors.flatMap(({ name }, i) => (without.has(name) ? [i] : [])));
  const decisive = new Set([...trace.pair, trace.broken]);
  return (at) => {
    const row = trace.rows[at]!;
    if (without_.has(row.actor)) return false;
    if (path !== '' && !row.text.includes(path)) return false;
    if (decisive.has(at)) return true;
    // A read that fails is more than a look.
    if (hidden.has(row.op) && row.tone !== 'failed') return false;
    return tones.size === 0 || tones.has(row.tone);
  };
}

/** Finds rows whose text, process, place, arguments or result contain a text, in any case of letters. */
export class Finder {
  readonly #trace: PageTrace;
  /** What is searched of each row, in small letters: made once, because a run may have 50,000. */
  #texts: readonly string[] | null = null;
  #wanted = '';
  #found: readonly number[] = [];

  constructor(trace: PageTrace) {
    this.#trace = trace;
  }

  find(text: string): readonly number[] {
    const wanted = text.trim().toLowerCase();
    this.#texts ??= textsOf(this.#trace);
    const texts = this.#texts;
    // Whatever has the longer text has its beginning, too.
    const among = this.#wanted !== '' && wanted.startsWith(this.#wanted) ? this.#found : [...texts.keys()];
    this.#found = wanted === '' ? [] : among.filter((row) => texts[row]!.includes(wanted));
    this.#wanted = wanted;
    return this.#found;
  }
}

function textsOf({ rows, actors }: PageTrace): string[] {
  const names = actors.map(({ name }) => name);
  // Between two parts is a character that cannot be typed.
  return rows.map(({ text, actor, at = '', args, result }) =>
    [names[actor], text, at, args, result].join('\0').toLowerCase(),
  );
}

/** Paths that a run uses, for suggestions; the most used first. */
export function pathsIn({ rows }: PageTrace, most = 40): string[] {
  const counts = new Map<string, number>();
  for (const { text } of rows) {
    for (const [path] of text.matchAll(/(?<=^|\s)\/[^\s"]+/g)) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([path]) => path);
}
