import { type TestContext, test } from 'vitest';
import { check, criticalOf, type Replay, replay, type ScenarioReport } from '../check/index.ts';
import { TOKENS_FILE, TokenFile, TokenFileError } from '../project/tokens.ts';
import { type Evidence, evidenceOf, replayCommand } from '../report/index.ts';
import { count, whole } from '../report/numbers.ts';
import { shellQuote } from '../report/report.ts';
import type { Scenario } from '../scenario/index.ts';
import { decodeToken, TokenError } from '../schedule/index.ts';
import { type Failed, failureText } from './failure.ts';
import { inRealTime } from './real-time.ts';
import { attach, TRACE_ANNOTATION } from './result.ts';
import {
  type RaceTestOptions,
  type Settings,
  SettingsError,
  settle,
  timeoutOf,
  VARIABLES,
} from './settings.ts';

/** A run violates what must hold, or a check proves nothing. */
export class RaceError extends Error {
  override readonly name = 'RaceError';
}

/** Errors that say all in their message: where in this package they come from tells nobody anything. */
const OURS = [RaceError, TokenError, TokenFileError, SettingsError];

/** Of the time that the test has: the rest is for the report. */
const SHARE_FOR_CHECK = 0.8;

type Context = Pick<TestContext, 'task' | 'annotate' | 'signal'>;

/** @throws RaceError unless all is as the scenario expects */
export async function checkScenario(
  context: Context,
  scenario: Scenario,
  options: RaceTestOptions,
): Promise<void> {
  const settings = settle(options);
  if (settings.token !== null && isOf(settings.token, scenario))
    return replayToken(context, settings.token, scenario, settings);
  const { seed, runs, budgetMs, strategy, record, allowOmitted, isolation } = settings;
  const tokens = new TokenFile(process.cwd());
  const known = tokens.of(scenario);
  if (known.note !== null) await context.annotate(known.note, TRACE_ANNOTATION);
  const report = await check(scenario, {
    seed,
    recorded: known.tokens,
    signal: context.signal,
    // What was found must be reported before vitest ends the test.
    withinMs: timeoutOf(options) * SHARE_FOR_CHECK,
    ...(runs !== undefined && { runs }),
    ...(budgetMs !== undefined && { budgetMs }),
    ...(strategy !== undefined && { strategy }),
    ...(allowOmitted !== undefined && { allowOmitted }),
    ...(isolation !== undefined && { isolation }),
  });
  const [violation] = report.violations;
  const token = violation?.token ?? report.unstable ?? null;
  const again = token === null ? null : commandFor(token, settings, context);
  const evidence =
    violation === undefined
      ? null
      : evidenceOf(await replay(violation.token, () => scenario), violation.critical, violation.cutShort);
  await attach(context, { ...resultOf(report, evidence), token, again, seed }, evidence);
  // With a violation they are part of its text.
  if (evidence === null)
    for (const note of report.notes ?? []) await context.annotate(note, TRACE_ANNOTATION);
  if (report.ok) return;
  throw new RaceError(
    failureText({
      ...report,
      cost: violation ?? null,
      evidence,
      found: howFound(report, seed),
      again,
      recorded: record ? recordIn(tokens, report) : null,
    }),
  );
}

/** @throws RaceError unless the run ends as the scenario expects */
export async function replayToken(
  context: Context,
  token: string,
  scenario: Scenario,
  settings: Pick<Settings, 'from'>,
): Promise<void> {
  const run = await replay(token, (id) => (id === scenario.id ? scenario : undefined));
  const evidence = evidenceOf(run, await criticalOf(run));
  const again = commandFor(token, settings, context);
  await attach(context, { ...resultOf(run, evidence), token, again, seed: null }, evidence);
  if (run.verdict === (scenario.expects === 'pass' ? 'passed' : 'violated')) return;
  const failed: Failed = {
    ...{ id: scenario.id, expects: scenario.expects, verdict: run.verdict, reason: null },
    ...{ cost: run.failure === null ? null : run.cost, evidence, again, recorded: null },
    found: 'replayed from a token',
  };
  throw new RaceError(failureText(failed));
}

function resultOf(report: ScenarioReport | Replay, evidence: Evidence | null) {
  const searched = 'runs' in report ? report : null;
  return {
    scenario: searched?.id ?? (report as Replay).scenario.id,
    verdict: report.verdict,
    runs: searched?.runs ?? 1,
    sometimes: searched?.sometimes ?? {},
    invariant: evidence?.invariant ?? null,
    traceHash: evidence?.traceHash ?? null,
  };
}

/** What has become of it, for the reader; null: there is nothing new to record. */
function recordIn(tokens: TokenFile, { expects, verdict, violations, firstViolationAtRun }: ScenarioReport) {
  if (expects !== 'pass' || verdict !== 'violated' || firstViolationAtRun === null) return null;
  try {
    tokens.add(violations.map(({ token, invariant }) => ({ token, invariant })));
    return `recorded in ${TOKENS_FILE}: replayed first from now on`;
  } catch (error) {
    // As on a read-only disk: the violation is the news.
    return `not recorded in ${TOKENS_FILE}: ${error instanceof Error ? error.message : error}`;
  }
}

/** A token of `explore` names its bounds after the id. */
function isOf(token: string, { id }: Scenario): boolean {
  return decodeToken(token).scenario.split('+')[0] === id;
}

function howFound({ firstViolationAtRun, verdict, runs }: ScenarioReport, seed: number): string {
  if (firstViolationAtRun !== null) return `found in run ${whole(firstViolationAtRun)} of seed ${seed}`;
  if (verdict === 'violated') return `found by a token of ${TOKENS_FILE}`;
  return `${count(runs, 'run')}, seed ${seed}`;
}

/** By the command where it can find the scenario, else by this very test. */
function commandFor(token: string, { from }: Pick<Settings, 'from'>, { task }: Context): string {
  if (from !== null) return replayCommand(token, from);
  return `${VARIABLES.token}=${shellQuote(token)} npx vitest run ${shellQuote(task.file.name)}`;
}

type Register = (
  name: string,
  options: { timeout: number },
  run: (context: TestContext) => Promise<void>,
) => void;

function registrar(register: Register) {
  return function raceTest(name: string, scenario: Scenario, options: RaceTestOptions = {}): void {
    const run = at(raceTest, (context) => checkScenario(context, scenario, options));
    register(name, { timeout: timeoutOf(options) }, run);
  };
}

/** A failure points at the line where the test is written, not into this package. */
function at(
  caller: (...args: never[]) => unknown,
  run: (context: TestContext) => Promise<void>,
): (context: TestContext) => Promise<void> {
  const place = new Error();
  Error.captureStackTrace(place, caller);
  const frames = place.stack?.split('\n').slice(1).join('\n') ?? '';
  return async (context) => {
    try {
      await inRealTime(() => run(context));
    } catch (error) {
      if (error instanceof Error && OURS.some((kind) => error instanceof kind))
        error.stack = `${error.name}: ${error.message}\n${frames}`;
      throw error;
    }
  };
}

/**
 * A test that searches a scenario for runs that violate its invariants, as `one-survivor check` does: the project's recorded
 * tokens first. A violation is made small, shown, attached to the test's result, and recorded.
 *
 * It searches on the one thread of the test file; vitest runs several files at once. To search one scenario on all cores take
 * `one-survivor check`, on several machines `check --shard`.
 *
 * ONE_SURVIVOR_SEED and ONE_SURVIVOR_RUNS go before the options; ONE_SURVIVOR_TOKEN replays that token and nothing else.
 */
export const raceTest = Object.assign(registrar(test), {
  /** Registers it, and does not run it. */
  skip: registrar(test.skip), // for the user's own tests, as vitest's `test.skip`: skips none of ours
  /** Of this file only this one, and others that say so. */
  only: registrar(test.only), // for the user's own tests, as vitest's `test.only`: narrows none of ours
  /** Reminds of a race that is yet to be written. */
  todo: (name: string): void => test.todo(name), // for the user's own tests, as vitest's `test.todo`: none of ours is left to do
});

/**
 * A test that runs the schedule of a token again: it passes when the run ends as the scenario expects, violated or not.
 *
 * @param find the scenario, or a function that finds it by its id
 */
export function replayTest(
  token: string,
  find: Scenario | ((id: string) => Scenario | undefined),
  options: Pick<RaceTestOptions, 'from' | 'timeoutMs'> = {},
): void {
  const [, id = token] = token.split(':');
  const run = at(replayTest, async (context) => {
    const scenario = typeof find === 'function' ? find(id.split('+')[0]!) : find;
    if (scenario === undefined)
      throw new RaceError(`no scenario is called ${JSON.stringify(id)}: find has returned undefined`);
    await replayToken(context, token, scenario, settle(options));
  });
  test(`replay ${id} ${token.slice(-8)}`, { timeout: timeoutOf(options) }, run);
}
