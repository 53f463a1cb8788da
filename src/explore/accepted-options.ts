/** What the options of exhaustive searches accept. */
import { ISOLATION } from '../check/index.ts';
import {
  type AcceptedOptions,
  BOOLEAN,
  COUNT,
  checkOptions,
  checkScenario,
  FUNCTION,
  isObject,
  MILLISECONDS,
  SIGNAL,
  SOME,
  WHOLE,
} from '../scenario/index.ts';
import { FAULT_NAMES } from '../sim/index.ts';
import type { LevelsOptions } from './level-options.ts';
import type { ExploreOptions } from './options.ts';

const COMMON = {
  isolation: ISOLATION,
  budgetMs: MILLISECONDS,
  preemptions: COUNT,
  faults: COUNT,
  maxStates: SOME,
  reduceOrders: BOOLEAN,
  allowOmitted: BOOLEAN,
  signal: SIGNAL,
  onProgress: FUNCTION,
};

const EXPLORE: AcceptedOptions<ExploreOptions> = {
  ...COMMON,
  maxExecutions: SOME,
  reduce: BOOLEAN,
  remember: BOOLEAN,
  maxHistories: SOME,
  episodes: BOOLEAN,
  tree: { what: 'a ScheduleTree', fits: isObject },
  onEnd: FUNCTION,
};

const LEVELS: AcceptedOptions<LevelsOptions> = {
  ...COMMON,
  contenders: WHOLE,
  faultCounts: { what: 'an object: by fault, how often it may strike in one run', fits: isObject },
  busyMs: MILLISECONDS,
  onLevel: FUNCTION,
};

const COUNTS: AcceptedOptions = Object.fromEntries(FAULT_NAMES.map((name) => [name, COUNT]));

/**
 * @throws TypeError if it is not given a scenario, or an option that it does not know, or one of another type
 * @throws RangeError if a number is invalid
 */
export function checkExplore(scenario: unknown, options: unknown): void {
  checkScenario('explore', scenario);
  checkOptions('explore', options, EXPLORE);
}

/** As {@link checkExplore}, for `exploreLevels`. */
export function checkExploreLevels(scenario: unknown, options: { readonly faultCounts?: unknown }): void {
  checkScenario('exploreLevels', scenario);
  checkOptions('exploreLevels', options, LEVELS);
  checkOptions('exploreLevels: faultCounts', options.faultCounts ?? {}, COUNTS);
}
