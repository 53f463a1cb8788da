import { type TestContext, test } from 'vitest';
import {
  check,
  criticalOf,
  type Replay,
  replay,
  type ScenarioReport,
  withSourceLines,
} from '../check/index.ts';
import { messageOf } from '../ports/message-of.ts';
import { TOKENS_FOLDER } from '../project/folder.ts';
import { describeOutdated, openTokens } from '../project/open-tokens.ts';
import { recordedTokenOf } from '../project/record.ts';
import type { TokenStore } from '../project/token-store.ts';
import { type Failed, failureText } from '../report/failure.ts';
import { type Evidence, evidenceOf, printable, replayCommand } from '../report/index.ts';
import { shellQuote } from '../report/report.ts';
import { checkScenario, checkValue, type Scenario, TEXT } from '../scenario/index.ts';
import { escapePattern } from '../scenario/pattern.ts';
import { count, whole } from '../scenario/wording.ts';
import { decodeToken, TokenError } from '../schedule/index.ts';
import { inRealTime } from './real-time.ts';
import { attach, shownOf, TRACE_ANNOTATION } from './result.ts';
import {
  checkRaceOptions,
  fromHere,
  type RaceTestOptions,
  type Settings,
  SettingsError,
  settle,
  timeoutOf,
  VARIABLES,
} from './settings.ts';

/** A run violates an invariant, or the check is inconclusive. */
export class RaceError extends Error {
  override readonly name = 'RaceError';
}

/** Errors whose message is complete, so that a stack within this package is of no use. */
const OURS = [RaceError, TokenError, SettingsError];

/** The part of the timeout that the check may use; the rest is for the report. Chosen by hand. */
const SHARE_FOR_CHECK = 0.8;

type Context = Pick<TestContext, 'task' | 'annotate' | 'signal'>;

/** @throws RaceError unless the verdict is as expected */
async function checkRace(context: Context, scenario: Scenario, options: RaceTestOptions): Promise<void> {
  const settings = settle(options, context.task.file.filepath);
  if (settings.token !== null && isOf(settings.token, scenario))
    return replayToken(context, settings.token, scenario, settings);
  const { seed, runs, budgetMs, strategy, record, allowOmitted, isolation } = settings;
  const { store, notes } = openTokens(process.cwd(), record);
  const known = store.of(scenario);
  for (const note of [...notes, ...outdatedNotes(known.outdated.length, scenario, settings.from)])
    await context.annotate(printable(note), TRACE_ANNOTATION);
  const report = await check(scenario, {
    seed,
    recorded: known.fitting,
    signal: context.signal,
    // A violation must be reported before the timeout of vitest.
    withinMs: timeoutOf(options) * SHARE_FOR_CHECK,
    ...(runs !== undefined && { runs }),
    ...(budgetMs !== undefined && { budgetMs }),
    ...(strategy !== undefined && { strategy }),
    ...(allowOmitted !== undefined && { allowOmitted }),
    ...(isolation !== undefined && { isolation }),
  });
  for (const what of report.skipped ?? [])
    await context.annotate(printable(`${what}. ${findAgain(settings.from)}`), TRACE_ANNOTATION);
  const [violation] = report.violations;
  const token = violation?.token ?? report.unstable ?? null;
  const again = token === null ? null : commandFor(token, settings, context);
  const run =
    violation === undefined ? null : await withSourceLines(await replay(violation.token, () => scenario));
  const evidence = run === null ? null : evidenceOf(run, violation!.critical, violation!.cutShort);
  const shown = evidence === null ? null : await shownOf(run!, evidence, settings.from, again);
  await attach(context, { ...resultOf(report, evidence), token, again, seed }, shown);
  // With a violation, notes are part of its message.
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
      recorded: record ? await recordIn(store, scenario, report) : null,
    }),
  );
}

/** @throws RaceError unless the run ends as the scenario expects */
async function replayToken(
  context: Context,
  token: string,
  scenario: Scenario,
  settings: Pick<Settings, 'from'>,
): Promise<void> {
  const run = await withSourceLines(await replay(token, (id) => (id === scenario.id ? scenario : undefined)));
  const evidence = evidenceOf(run, await criticalOf(run));
  const again = commandFor(token, settings, context);
  const shown = await shownOf(run, evidence, settings.from, again);
  await attach(context, { ...resultOf(run, evidence), token, again, seed: null }, shown);
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

/** Records a violation. Returns a message, or `null` if there is nothing new. */
async function recordIn(
  tokens: TokenStore,
  scenario: Scenario,
  { expects, verdict, violations, firstViolationAtRun }: ScenarioReport,
): Promise<string | null> {
  if (expects !== 'pass' || verdict !== 'violated' || firstViolationAtRun === null) return null;
  try {
    tokens.add(await Promise.all(violations.map((each) => recordedTokenOf(scenario, each))));
    return `recorded in ${TOKENS_FOLDER}: replayed first from now on`;
  } catch (error) {
    // For example on a read-only disk. The violation is more important.
    return `not recorded in ${TOKENS_FOLDER}: ${messageOf(error)}`;
  }
}

function outdatedNotes(outdated: number, scenario: Scenario, from: string | null): string[] {
  const what = describeOutdated(outdated, scenario);
  return what === null ? [] : [`${what}. ${findAgain(from)}`];
}

function findAgain(from: string | null): string {
  const command = ['npx', 'one-survivor', 'tokens', 'update', from ?? 'FILE'].map(shellQuote).join(' ');
  return `To find the violations again: ${command}`;
}

/** A token of `explore` has its bounds after the ID. */
function isOf(token: string, { id }: Scenario): boolean {
  return decodeToken(token).scenario.split('+')[0] === id;
}

function howFound({ firstViolationAtRun, verdict, runs }: ScenarioReport, seed: number): string {
  if (firstViolationAtRun !== null) return `found in run ${whole(firstViolationAtRun)} of seed ${seed}`;
  if (verdict === 'violated') return `found by a token of ${TOKENS_FOLDER}`;
  return `${count(runs, 'run')}, seed ${seed}`;
}

/** The replay command if it can find the scenario, otherwise the command to run only this test with the token. */
function commandFor(token: string, { from }: Pick<Settings, 'from'>, { task }: Context): string {
  if (from !== null) return replayCommand(token, from);
  const file = shellQuote(fromHere(task.file.filepath));
  return `${VARIABLES.token}=${shellQuote(token)} npx vitest run ${file} -t ${shellQuote(`^${escapePattern(fullNameOf(task))}$`)}`;
}

/** As vitest compares it with `-t`: with the names of the suites. */
function fullNameOf({ name, suite }: Pick<Context['task'], 'name' | 'suite'>): string {
  return suite === undefined || suite.name === '' ? name : `${fullNameOf(suite)} ${name}`;
}

type Register = (
  name: string,
  options: { timeout: number },
  run: (context: TestContext) => Promise<void>,
) => void;

function registrar(register: Register) {
  return function raceTest(name: string, scenario: Scenario, options: RaceTestOptions = {}): void {
    checkValue('raceTest: name', name, TEXT);
    checkScenario('raceTest', scenario);
    checkRaceOptions('raceTest', options);
    const run = at(raceTest, (context) => checkRace(context, scenario, options));
    register(name, { timeout: timeoutOf(options) }, run);
  };
}

/** Makes a failure point at the line of the test instead of into this package. */
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

/** What users say of their own tests. */
const { skip, only, todo } = test;

/**
 * Defines a test that checks a scenario like `one-survivor check`: it replays the recorded tokens of the project, then searches. A
 * violation is shrunk, shown, attached to the result of the test, and recorded.
 *
 * It uses only the thread of the test file, because vitest runs several files at once. To search a scenario on all cores, use
 * `one-survivor check`; on several machines, `check --shard`.
 *
 * ONE_SURVIVOR_SEED and ONE_SURVIVOR_RUNS override the options; ONE_SURVIVOR_TOKEN only replays that token.
 */
export const raceTest = Object.assign(registrar(test), {
  /** As vitest has it: the test does not run. */
  skip: registrar(skip),
  /** As vitest has it: only this test of the file runs, and others that say so. */
  only: registrar(only),
  /** As vitest has it: a test to be written. */
  todo: (name: string): void => todo(name),
});

/**
 * Defines a test that replays a token. It passes if the run ends as the scenario expects, violated or not.
 *
 * @param find the scenario, or a function that returns it for an ID
 */
export function replayTest(
  token: string,
  find: Scenario | ((id: string) => Scenario | undefined),
  options: Pick<RaceTestOptions, 'from' | 'timeoutMs'> = {},
): void {
  checkValue('replayTest: token', token, TEXT);
  if (typeof find !== 'function') checkScenario('replayTest', find);
  checkRaceOptions('replayTest', options);
  const [, id = token] = token.split(':');
  const run = at(replayTest, async (context) => {
    const scenario = typeof find === 'function' ? find(id.split('+')[0]!) : find;
    if (scenario === undefined)
      throw new RaceError(`there is no scenario ${JSON.stringify(id)}: find returned undefined`);
    checkScenario('replayTest: find', scenario);
    await replayToken(context, token, scenario, settle(options, context.task.file.filepath));
  });
  test(`replay ${id} ${token.slice(-8)}`, { timeout: timeoutOf(options) }, run);
}
