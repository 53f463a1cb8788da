/** The options of a check, and what each accepts. */
import {
  type AcceptedOptions,
  BOOLEAN,
  checkOptions,
  FUNCTION,
  isObject,
  MILLISECONDS,
} from '../scenario/arguments.ts';
import type { Scenario } from '../scenario/options.ts';
import type { IsolationOptions } from './isolation/isolation.ts';
import type { Recorded } from './recorded-tokens.ts';
import type { SearchResult } from './search.ts';
import { checkShard, SEARCH_OPTIONS, type SearchOptions } from './search-options.ts';

/** Options of a check: how to search, and what to do besides. */
export interface CheckOptions extends SearchOptions, Pick<IsolationOptions, 'isolation'> {
  /** @deprecated Use `hangTimeoutMs`. This name works until version 0.3. */
  patienceMs?: number;
  /** Tokens of this scenario from earlier checks, to replay first. Those of another definition are skipped and reported. */
  recorded?: readonly (string | Recorded)[];
  /** The search function. Default: {@link search}. */
  search?: (scenario: Scenario, options: SearchOptions) => Promise<SearchResult>;
  /** Whether the search has bounds, such as a number of preemptions: then only violations that it finds itself count. */
  bounded?: boolean;
  /** Real milliseconds that this check has already taken in another thread. */
  takenMs?: number;
  /** Whether a check without a violation is ok although parts of the scenario were not run. Default: false. */
  allowOmitted?: boolean;
  /** Real milliseconds after which shrinking ends. Default: 60,000 after the violation was found. */
  withinMs?: number;
}

const isRecorded = (value: unknown): boolean =>
  typeof value === 'string' ||
  (isObject(value) && typeof value.token === 'string' && isLog(value.log ?? null));

const isLog = (value: unknown): boolean =>
  value === null ||
  (isObject(value) &&
    [value.actions, value.idle, value.leftOut, value.machine].every((part) => Array.isArray(part)));

export const ISOLATION = {
  what: "false, 'done', or { url } of the module that exports the scenario",
  fits: (value: unknown) => value === false || value === 'done' || (isObject(value) && 'url' in value),
};

const ACCEPTED: AcceptedOptions<CheckOptions> = {
  ...SEARCH_OPTIONS,
  patienceMs: SEARCH_OPTIONS.hangTimeoutMs,
  recorded: {
    what: 'an array of tokens, or of { token, why, log? }',
    fits: (value) => Array.isArray(value) && value.every(isRecorded),
  },
  search: FUNCTION,
  bounded: BOOLEAN,
  takenMs: MILLISECONDS,
  allowOmitted: BOOLEAN,
  withinMs: MILLISECONDS,
  isolation: ISOLATION,
};

/** Options of a check, with notes about deprecated ones. */
export interface Settled extends Omit<CheckOptions, 'patienceMs'> {
  readonly notes: readonly string[];
}

/**
 * @throws TypeError for an option that is not known, or of another type, or given under its old name and its new one
 * @throws RangeError if the shard or a number is invalid
 */
export function settle(given: CheckOptions): Settled {
  checkOptions('check', given, ACCEPTED);
  if (given.seed === undefined)
    throw new TypeError('check: got no seed: expected a whole number. The same seed gives the same runs');
  if (given.shard !== undefined) checkShard(given.shard);
  const { patienceMs, ...options } = given;
  if (patienceMs === undefined) return { ...options, notes: [] };
  if (options.hangTimeoutMs !== undefined)
    throw new TypeError('check: got hangTimeoutMs and patienceMs, its old name: expected only hangTimeoutMs');
  const notes = ['the option patienceMs is deprecated and works until version 0.3: use hangTimeoutMs'];
  return { ...options, hangTimeoutMs: patienceMs, notes };
}
