/** What a race test does: it searches, or replays a token, reports, and records what is found. */
import type { TestContext } from 'vitest';
import {
  check,
  criticalOf,
  type Recorded,
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
import type { Scenario } from '../scenario/index.ts';
import { escapePattern } from '../scenario/pattern.ts';
import { count, whole } from '../scenario/wording.ts';
import { decodeToken } from '../schedule/index.ts';
import { attach, shownOf, TRACE_ANNOTATION } from './result.ts';
import { fromHere, type RaceTestOptions, type Settings, settle, timeoutOf, VARIABLES } from './settings.ts';
import { RaceThreads } from './threads.ts';

/** A run violates an invariant, or the check is inconclusive. */
export class RaceError extends Error {
  override readonly name = 'RaceError';
}

/** The part of the timeout that the check may use; the rest is for the report. Chosen by hand. */
const SHARE_FOR_CHECK = 0.8;

type Context = Pick<TestContext, 'task' | 'annotate' | 'signal'>;

/** @throws RaceError unless the verdict is as expected */
export async function checkRace(
  context: Context,
  scenario: Scenario,
  options: RaceTestOptions,
): Promise<void> {
  const settings = settle(options, context.task.file.filepath);
  if (settings.token !== null && isOf(settings.token, scenario))
    return replayToken(context, settings.token, scenario, settings);
  const { seed, record } = settings;
  const { store, notes } = openTokens(process.cwd(), record);
  const known = store.of(scenario);
  for (const note of [...notes, ...outdatedNotes(known.outdated.length, scenario, settings.from)])
    await context.annotate(printable(note), TRACE_ANNOTATION);
  const report = await search(context, scenario, settings, known.fitting, timeoutOf(options));
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

/** Searches with as many threads as were asked for, or says why not. */
async function search(
  context: Context,
  scenario: Scenario,
  settings: Settings,
  recorded: readonly Recorded[],
  timeoutMs: number,
): Promise<ScenarioReport> {
  const { seed, runs, budgetMs, strategy, allowOmitted, isolation, workers, url } = settings;
  const threads = new RaceThreads(workers, url);
  try {
    return await check(scenario, {
      ...{ seed, recorded, budgetMs, signal: context.signal },
      // A violation must be reported before the timeout of vitest.
      withinMs: timeoutMs * SHARE_FOR_CHECK,
      search: threads.search,
      ...(runs !== undefined && { runs }),
      ...(strategy !== undefined && { strategy }),
      ...(allowOmitted !== undefined && { allowOmitted }),
      ...(isolation !== undefined && { isolation }),
    });
  } finally {
    if (threads.note !== null) await context.annotate(printable(threads.note), TRACE_ANNOTATION);
    await threads.close();
  }
}

/** @throws RaceError unless the run ends as the scenario expects */
export async function replayToken(
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
