import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type CheckOptions, DEFAULT_RUNS, SEARCH_OPTIONS } from '../check/index.ts';
import {
  type AcceptedOptions,
  BOOLEAN,
  COUNT,
  checkOptions,
  MILLISECONDS,
  WHOLE,
} from '../scenario/index.ts';
import type { Strategy } from '../schedule/index.ts';

/** Options of a race test, as for `check`. */
export interface RaceTestOptions {
  /** Equal seeds give equal runs. Default: random. It is always printed. */
  seed?: number;
  /** The maximum number of runs. Default: 400, or as many as `budgetMs` allows. */
  runs?: number;
  /** Real milliseconds after which the search ends. */
  budgetMs?: number;
  /** How to search. Default: the portfolio. */
  strategy?: Strategy;
  /**
   * The number of threads that search, including that of the test file. Default: 1, because vitest runs several files at once. More
   * require `from`.
   */
  workers?: number;
  /**
   * The file that exports the scenario, for the replay command: a path relative to the test file (if there is none, to the working
   * directory), or a URL.
   */
  from?: string | URL;
  /** Whether to check that processes do not share memory. Default: true. */
  isolationCheck?: boolean;
  /** Whether to add a new violation to the project's file of recorded tokens. Default: true. */
  record?: boolean;
  /** Whether the test may pass although parts of the scenario were never run. Default: false. */
  allowOmitted?: boolean;
  /** Real milliseconds for search and shrinking, in addition to `budgetMs`. The search alone takes three fifths at most. Default: 60,000. */
  timeoutMs?: number;
}

const ACCEPTED: AcceptedOptions<RaceTestOptions> = {
  seed: WHOLE,
  runs: COUNT,
  budgetMs: MILLISECONDS,
  strategy: SEARCH_OPTIONS.strategy,
  workers: COUNT,
  from: { what: 'a path or a URL', fits: (value) => typeof value === 'string' || value instanceof URL },
  isolationCheck: BOOLEAN,
  record: BOOLEAN,
  allowOmitted: BOOLEAN,
  timeoutMs: MILLISECONDS,
};

/**
 * @param where the function, as its callers know it
 * @throws TypeError or RangeError, when the test is registered
 */
export function checkRaceOptions(where: string, options: unknown): void {
  checkOptions(where, options, ACCEPTED);
}

/** The options of a race test combined with the environment. */
export interface Settings extends Pick<CheckOptions, 'runs' | 'strategy' | 'allowOmitted' | 'isolation'> {
  readonly seed: number;
  /** For the search; the rest of the timeout is for shrinking and the report. */
  readonly budgetMs: number;
  readonly workers: number;
  readonly from: string | null;
  /** The URL of `from`. */
  readonly url: string | null;
  readonly record: boolean;
  /** If set, only this token is replayed. */
  readonly token: string | null;
}

/** Environment variables, which override the options. */
export const VARIABLES = {
  seed: 'ONE_SURVIVOR_SEED',
  runs: 'ONE_SURVIVOR_RUNS',
  workers: 'ONE_SURVIVOR_WORKERS',
  token: 'ONE_SURVIVOR_TOKEN',
} as const;

/** An environment variable is not a valid number. */
export class SettingsError extends RangeError {
  override readonly name = 'SettingsError';
}

const MAX_SEED = 0xffff_ffff;
const TIMEOUT_MS = 60_000;
const MAX_WORKERS = 1_000;
/** The part of the timeout that a search without a budget may use. Chosen by hand. */
const SHARE_FOR_SEARCH = 0.6;

/**
 * @param testFile the path of the file with the test
 * @throws SettingsError
 */
export function settle(
  options: RaceTestOptions,
  testFile: string,
  env: NodeJS.ProcessEnv = process.env,
): Settings {
  const {
    seed,
    runs,
    budgetMs,
    strategy,
    workers = 1,
    from,
    record = true,
    isolationCheck = true,
    allowOmitted,
  } = options;
  const path = from === undefined ? null : pathOf(from, testFile);
  const asked =
    wholeOf(VARIABLES.runs, env, 1, Number.MAX_SAFE_INTEGER) ??
    runs ??
    (budgetMs === undefined ? DEFAULT_RUNS : undefined);
  return {
    seed: wholeOf(VARIABLES.seed, env, 0, MAX_SEED) ?? seed ?? randomInt(MAX_SEED + 1),
    ...(asked !== undefined && { runs: asked }),
    budgetMs: budgetMs ?? timeoutOf(options) * SHARE_FOR_SEARCH,
    workers: wholeOf(VARIABLES.workers, env, 1, MAX_WORKERS) ?? workers,
    ...(strategy !== undefined && { strategy }),
    ...(allowOmitted !== undefined && { allowOmitted }),
    ...isolationOf(isolationCheck, path),
    from: path === null ? null : fromHere(path),
    url: path === null ? null : pathToFileURL(path).href,
    record,
    token: env[VARIABLES.token] || null,
  };
}

/** The timeout of the whole test, in real milliseconds. */
export function timeoutOf({ timeoutMs = TIMEOUT_MS, budgetMs = 0 }: RaceTestOptions): number {
  return timeoutMs + budgetMs;
}

function wholeOf(name: string, env: NodeJS.ProcessEnv, least: number, most: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new SettingsError(
    `${name}: got ${JSON.stringify(text)}; accepted: a whole number from ${least} to ${most}`,
  );
}

/** vitest loads the scenario with its own loader; fresh instances are loaded by Node from the file `from`. */
function isolationOf(checked: boolean, path: string | null): Pick<Settings, 'isolation'> {
  if (!checked) return { isolation: false };
  return path === null ? {} : { isolation: { url: pathToFileURL(path).href, transformed: true } };
}

/** The absolute path. */
function pathOf(from: string | URL, testFile: string): string {
  if (typeof from !== 'string' || from.startsWith('file:')) return fileURLToPath(from);
  const besideTest = resolve(dirname(testFile), from);
  // Before 0.2, a path was relative to the working directory.
  return existsSync(besideTest) ? besideTest : resolve(from);
}

/** As one types it in the working directory. */
export function fromHere(path: string): string {
  return relative(process.cwd(), path).replaceAll('\\', '/');
}
