/** The options of a search, and the runs that they ask for. */
import {
  type AcceptedOptions,
  COUNT,
  checkOptions,
  FUNCTION,
  isObject,
  MILLISECONDS,
  SIGNAL,
  SOME,
  WHOLE,
} from '../scenario/arguments.ts';
import { STRATEGIES, type Strategy } from '../schedule/strategies.ts';
import { DEFAULT_RUNS } from './default-runs.ts';

/** Options of a search: how long, from which seed, with which strategy. */
export interface SearchOptions {
  /** Equal seeds give equal runs. */
  seed: number;
  /** The maximum number of runs. */
  runs?: number;
  /** Real milliseconds after which the search ends. */
  budgetMs?: number;
  strategy?: Strategy;
  /** Makes only the runs with these numbers: `from` (inclusive, counted from 0) to `to` (exclusive). Instead of `runs`. */
  range?: { from: number; to: number };
  /** Makes only every `of`-th run, starting with number `index` (counted from 0). All shards together make all runs. */
  shard?: { index: number; of: number };
  /** Stops the search early; what is known by then is reported. */
  signal?: { readonly aborted: boolean };
  /** Called occasionally between runs. */
  onProgress?: (progress: Progress) => void;
  /** Real milliseconds after which a program that does not yield is interrupted. */
  hangTimeoutMs?: number;
}

/** The progress of a search. */
export interface Progress {
  id: string;
  runs: number;
  /** The total number of runs; `null` if unknown. */
  of: number | null;
  steps: number;
}

/** What each option accepts. */
export const SEARCH_OPTIONS = {
  seed: WHOLE,
  runs: COUNT,
  budgetMs: MILLISECONDS,
  strategy: {
    what: `a strategy, such as findStrategy('${STRATEGIES[0]!.name}')`,
    fits: (value) => isObject(value) && typeof value.choices === 'function',
  },
  range: {
    what: '{ from, to }, two numbers of runs',
    fits: (value) => isObject(value) && typeof value.from === 'number' && typeof value.to === 'number',
  },
  shard: {
    what: '{ index, of }, two whole numbers',
    fits: (value) => isObject(value) && typeof value.index === 'number' && typeof value.of === 'number',
  },
  signal: SIGNAL,
  onProgress: FUNCTION,
  hangTimeoutMs: SOME,
} as const satisfies AcceptedOptions<SearchOptions>;

/**
 * Ignores options that it does not know: a check passes its own.
 *
 * @throws RangeError if the shard or a number is invalid
 * @throws TypeError if an option has another type
 */
export function checkSearchOptions(options: SearchOptions): void {
  const own = Object.entries(options).filter(([name]) => Object.hasOwn(SEARCH_OPTIONS, name));
  checkOptions('search', Object.fromEntries(own), SEARCH_OPTIONS);
  if (options.shard !== undefined) checkShard(options.shard);
}

/** The numbers of the requested runs, `to` exclusive. */
export function rangeOf({ range, runs, budgetMs }: SearchOptions): { from: number; to: number } {
  return (
    range ?? {
      from: 0,
      to: runs ?? (budgetMs === undefined ? DEFAULT_RUNS : Number.POSITIVE_INFINITY),
    }
  );
}

/** @throws RangeError */
export function checkShard({ index, of }: { index: number; of: number }): void {
  if (Number.isSafeInteger(of) && of >= 1 && Number.isSafeInteger(index) && index >= 0 && index < of) return;
  throw new RangeError(
    `shard: got { index: ${index}, of: ${of} }: expected whole numbers, of at least 1 and index from 0 to of - 1`,
  );
}

/** The first number of a shard that is at least `from`. */
export function firstOfShard(from: number, { index, of }: { index: number; of: number }): number {
  return from + ((((index - from) % of) + of) % of);
}

/** The number of requested runs. */
export function countRuns(options: SearchOptions): number {
  const { from, to } = rangeOf(options);
  const { shard = { index: 0, of: 1 } } = options;
  return Math.max(0, Math.ceil((to - firstOfShard(from, shard)) / shard.of));
}
