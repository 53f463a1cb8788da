import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CheckOptions } from '../check/index.ts';
import type { Strategy } from '../schedule/index.ts';

/** How a race test searches, as for `check`. */
export interface RaceTestOptions {
  /** The same seed gives the same runs. Random unless said, and always printed. */
  seed?: number;
  /** How many runs at most; 1,000 unless said, or as many as `budgetMs` allows. */
  runs?: number;
  /** Real time after which the search ends. */
  budgetMs?: number;
  /** How to search; the portfolio unless said. */
  strategy?: Strategy;
  /** The file that exports the scenario, for the replay line: a path below the working directory, or a URL. */
  from?: string | URL;
  /** Whether processes are checked for memory that they share. Yes unless said. */
  isolationCheck?: boolean;
  /** Whether a new violation is added to the project's file of recorded tokens. Yes unless said. */
  record?: boolean;
  /** Whether the test passes although parts of the scenario were never run. Default: no. */
  allowOmitted?: boolean;
  /** Real time for the search and for making what it finds small: 60 s unless said, besides `budgetMs`. */
  timeoutMs?: number;
}

/** What one race test goes by, once the environment has been asked. */
export interface Settings
  extends Pick<CheckOptions, 'runs' | 'budgetMs' | 'strategy' | 'allowOmitted' | 'isolation'> {
  readonly seed: number;
  readonly from: string | null;
  readonly record: boolean;
  /** Replay this and nothing else. */
  readonly token: string | null;
}

/** The environment goes before the options, as somebody who wants to know more for once. */
export const VARIABLES = {
  seed: 'ONE_SURVIVOR_SEED',
  runs: 'ONE_SURVIVOR_RUNS',
  token: 'ONE_SURVIVOR_TOKEN',
} as const;

/** A variable of the environment is no number that it could be. */
export class SettingsError extends RangeError {
  override readonly name = 'SettingsError';
}

const MAX_SEED = 0xffff_ffff;
const TIMEOUT_MS = 60_000;

/** @throws SettingsError */
export function settle(options: RaceTestOptions, env: NodeJS.ProcessEnv = process.env): Settings {
  const {
    seed,
    runs,
    budgetMs,
    strategy,
    from,
    record = true,
    isolationCheck = true,
    allowOmitted,
  } = options;
  const asked = wholeOf(VARIABLES.runs, env, 1, Number.MAX_SAFE_INTEGER) ?? runs;
  return {
    seed: wholeOf(VARIABLES.seed, env, 0, MAX_SEED) ?? seed ?? randomInt(MAX_SEED + 1),
    ...(asked !== undefined && { runs: asked }),
    ...(budgetMs !== undefined && { budgetMs }),
    ...(strategy !== undefined && { strategy }),
    ...(allowOmitted !== undefined && { allowOmitted }),
    ...isolationOf(isolationCheck, from),
    from: from === undefined ? null : pathOf(from),
    record,
    token: env[VARIABLES.token] || null,
  };
}

/** Of the whole test, in real milliseconds. */
export function timeoutOf({ timeoutMs = TIMEOUT_MS, budgetMs = 0 }: RaceTestOptions): number {
  return timeoutMs + budgetMs;
}

function wholeOf(name: string, env: NodeJS.ProcessEnv, least: number, most: number): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new SettingsError(
    `${name}: got ${JSON.stringify(text)}; accepted is a whole number from ${least} to ${most}`,
  );
}

/** vitest has loaded the scenario in its own way; Node loads the file that `from` names. */
function isolationOf(checked: boolean, from: RaceTestOptions['from']): Pick<Settings, 'isolation'> {
  if (!checked) return { isolation: false };
  return from === undefined
    ? {}
    : { isolation: { url: pathToFileURL(pathOf(from)).href, transformed: true } };
}

function pathOf(from: string | URL): string {
  const path =
    typeof from === 'string' && !from.startsWith('file:')
      ? from
      : relative(process.cwd(), fileURLToPath(from));
  return path.replaceAll('\\', '/');
}
