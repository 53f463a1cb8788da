import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, posix, relative, resolve } from 'node:path';
import { check, criticalOf, replay, type ScenarioReport, search } from '../../check/index.ts';
import { forgetUses, usesSoFar } from '../../guest/index.ts';
import { holdGuards } from '../../host/index.ts';
import { describeOwner, endpointOfOwner } from '../../judge/index.ts';
import { commandFileText, type KnownCommand, recordCommand } from '../../project/commands.ts';
import { makeFolder } from '../../project/make-folder.ts';
import {
  type DaemonDetails,
  type DaemonReport,
  daemonJson,
  daemonText,
  exitCodeOfDaemon,
} from '../../report/daemon/index.ts';
import { evidenceOf, replayCommand } from '../../report/index.ts';
import { shellQuote } from '../../report/report.ts';
import { count } from '../../scenario/wording.ts';
import {
  type Baseline,
  baselineOf,
  commandScenario,
  DEFAULT_COMMAND_FAULTS,
  DEFAULT_SETTLE_MS,
  DEFAULT_STARTS,
  ownerSeen,
  RUNS_AS_IT_IS,
} from '../../simulate/index.ts';
import { UsageError } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { type HarassmentOptions, harassmentOf } from '../harassment.ts';
import { nodeCommandOf } from '../node-command.ts';
import { ProgressLine } from '../progress.ts';
import { shorterOf } from '../shorter-command.ts';
import { withSourceLines } from '../source-lines.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** As given on the command line. */
export interface SimulateOptions extends HarassmentOptions {
  runs?: number;
  budget?: number;
  write?: string;
  json?: boolean;
  quiet?: boolean;
}

const DEFAULT_BUDGET_MS = 4_000;
/** For shrinking and explaining: the whole is to take less than ten seconds. */
const SHRINK_MS = 3_000;
const NOTHING: DaemonDetails = { evidence: null, size: null, again: null };

/** Checks a command, and prints the report. @returns the exit code */
export async function simulateAndPrint(
  words: readonly string[],
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<number> {
  holdOn();
  // Until the process ends, since it does nothing else.
  holdGuards();
  const { report, details } = await simulated(words, options, signal);
  if (options.json) print(process.stdout, daemonJson(report));
  else if (!options.quiet || report.verdict !== 'passed')
    printText(process.stdout, daemonText(report, details, styleOf(process.stdout)));
  return exitCodeOfDaemon(report);
}

/** What is known before the search. */
interface Prepared {
  readonly command: KnownCommand;
  readonly baseline: Baseline;
  /** The words of the command, after `--`. */
  readonly words: readonly string[];
  readonly facts: Pick<
    DaemonReport,
    'by' | 'version' | 'node' | 'seed' | 'command' | 'starts' | 'expect' | 'owner' | 'interrupted'
  >;
}

async function simulated(
  words: readonly string[],
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<{ report: DaemonReport; details: DaemonDetails }> {
  const begunAt = performance.now();
  forgetUses();
  const prepared = await prepare(words, options, signal);
  const unfit = whyUnfit(prepared.baseline);
  if (unfit !== null) {
    const seconds = (performance.now() - begunAt) / 1000;
    const report = { ...NOT_RUN, ...prepared.facts, ...unfit, ...usesSoFar(), seconds };
    return { report, details: NOTHING };
  }
  const found = await searched(prepared, options, signal);
  const written =
    options.write === undefined
      ? null
      : write(options.write, prepared.command, [...optionWords(options), '--', ...prepared.words]);
  const { details, token } = await detailsOf(prepared.command, found);
  const seconds = (performance.now() - begunAt) / 1000;
  const report = reportOf(prepared, found);
  // That of the run that is shown.
  const violations = report.violations.map((violation) => ({
    ...violation,
    ...(token !== null && { token }),
  }));
  return {
    report: { ...report, violations, written, seconds, interrupted: signal.aborted },
    details,
  };
}

async function prepare(
  words: readonly string[],
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<Prepared> {
  const cwd = process.cwd();
  const { file, args } = nodeCommandOf(words, cwd);
  const { starts, faults, owner: given, stateDir, settleMs, expect } = harassmentOf(options);
  const bare = { file, args, cwd, ...(settleMs !== undefined && { settleMs }) };
  const baseline = await baselineOf(bare);
  const { owner: seen, pidFile } = await ownerSeen(bare, baseline);
  const owner = given ?? seen;
  const whole = {
    ...{ file, args, cwd, owner },
    starts: starts ?? DEFAULT_STARTS,
    faults: faults ?? DEFAULT_COMMAND_FAULTS,
    settleMs: settleMs ?? DEFAULT_SETTLE_MS,
    expect: expect ?? Math.max(1, baseline.survivors),
    ...(owner !== null && endpointOfOwner(owner) !== null && { pidFile }),
    stateDir: stateDir ?? folderOf(baseline.files),
  };
  const { id } = commandScenario(whole);
  const how = given === undefined ? 'as seen in runs with one start' : 'as --owner says';
  return {
    command: { ...whole, id },
    baseline,
    words,
    facts: {
      ...{ by: 'simulate', version: VERSION, node: process.version },
      seed: options.seed ?? randomInt(2 ** 32),
      command: words,
      starts: whole.starts,
      expect: whole.expect,
      owner: owner === null ? null : { known: describeOwner(owner), from: how },
      interrupted: signal.aborted,
    },
  };
}

/** Why a command is not checked; `null` if it can be. */
function whyUnfit({
  failure,
  survivors,
  exitCode,
  printed,
}: Baseline): Pick<DaemonReport, 'verdict' | 'reason'> | null {
  if (failure !== null)
    return failure.invariant === RUNS_AS_IT_IS
      ? { verdict: 'refused', reason: failure.message }
      : { verdict: 'inconclusive', reason: `a run with one start: ${failure.invariant}: ${failure.message}` };
  if (survivors > 0) return null;
  const said = printed === '' ? 'and printed nothing' : `and printed: ${printed.slice(-500)}`;
  return {
    verdict: 'inconclusive',
    reason: `a run with one start left no process, so there is no daemon to judge. It ended with exit code ${exitCode ?? 'none'}, ${said}`,
  };
}

async function searched(
  { command, facts }: Prepared,
  options: SimulateOptions,
  signal: AbortSignal,
): Promise<ScenarioReport> {
  const { runs, budget } = options;
  const budgetMs = budget ?? (runs === undefined ? DEFAULT_BUDGET_MS : Number.POSITIVE_INFINITY);
  const progress = new ProgressLine(process.stderr, { of: 1, quiet: options.quiet ?? false });
  progress.begin();
  try {
    return await check(commandScenario(command), {
      seed: facts.seed,
      signal,
      ...(runs !== undefined && { runs }),
      budgetMs: budgetMs + SHRINK_MS,
      search: (scenario, how) => search(scenario, { ...how, budgetMs }),
      onProgress: (now) => progress.update(now),
    });
  } finally {
    progress.clear();
  }
}

/** The options that the file has taken over, as they were given. */
function optionWords({ starts, faults, owner, stateDir, settle, expect }: SimulateOptions): string[] {
  const given = {
    starts,
    faults,
    owner,
    'state-dir': stateDir,
    settle: settle === undefined ? undefined : `${settle}ms`,
    expect,
  };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}

function write(path: string, command: KnownCommand, words: readonly string[]): string {
  const target = resolve(path);
  try {
    makeFolder(dirname(target));
    writeFileSync(target, commandFileText(target, command, words.map(shellQuote)), { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`--write: ${path} exists; name another file, or remove it`);
    throw new UsageError(`--write: ${path} cannot be written: ${message}`);
  }
  return relative(process.cwd(), target);
}

/** The run that shows the violation: in less time, if the same happens then. */
async function detailsOf(
  command: KnownCommand,
  { violations }: ScenarioReport,
): Promise<{ details: DaemonDetails; token: string | null }> {
  const [violation] = violations;
  if (violation === undefined) return { details: NOTHING, token: null };
  const shown = (await shorterOf(command, violation)) ?? { command, token: violation.token, cost: violation };
  recordCommand(process.cwd(), shown.command);
  const again = await withSourceLines(await replay(shown.token, () => commandScenario(shown.command)));
  const { contenders, faults, switches, steps } = shown.cost;
  const details = {
    evidence: evidenceOf(again, await criticalOf(again), violation.cutShort),
    size: `in ${[
      count(contenders, 'process', 'processes'),
      count(faults, 'fault'),
      count(switches, 'switch', 'switches'),
      count(steps, 'step'),
    ].join(', ')}`,
    again: replayCommand(shown.token, null),
  };
  return { details, token: shown.token };
}

/** Of a command that was not run. */
const NOT_RUN: Omit<DaemonReport, keyof Prepared['facts'] | 'verdict' | 'reason' | 'seconds'> = {
  ...{
    rounds: 0,
    survivors: null,
    violations: [],
    faults: {},
    judged: [],
    notJudged: [],
    assumed: [],
    approximated: [],
    refused: [],
    notes: [],
  },
  ...{ scenario: null, written: null },
};

function reportOf({ command, facts }: Prepared, found: ScenarioReport): DaemonReport {
  const { runs, violations, struck, survivors, exercised, assumed, notes = [], reason, id } = found;
  const refusal = violations.find(({ invariant }) => invariant === RUNS_AS_IT_IS);
  const scenario = commandScenario(command);
  const judged = scenario.invariants.flatMap((invariant) => {
    if (invariant.kind === 'sometimes' || invariant.name === RUNS_AS_IT_IS) return [];
    const { requires } = invariant;
    const rounds = exercised.find((each) => each.invariant === invariant.name)?.runs ?? runs;
    const optional = requires?.optional ?? false;
    return [{ invariant: invariant.name, requires: requires?.what ?? '', rounds, optional }];
  });
  return {
    ...NOT_RUN,
    ...facts,
    verdict: refusal === undefined ? found.verdict : 'refused',
    reason: refusal?.message ?? reason,
    rounds: runs,
    survivors: survivors === undefined ? null : { min: survivors.least, max: survivors.most },
    violations:
      refusal !== undefined
        ? []
        : violations.map(({ invariant, message, token }) => ({
            ...{ invariant, detail: message, token },
            round: found.firstViolationAtRun ?? 1,
          })),
    faults: struck,
    judged,
    notJudged: notJudgedOf(command),
    assumed,
    ...usesSoFar(),
    notes,
    seconds: found.seconds,
    scenario: id,
  };
}

function notJudgedOf({ owner, pidFile }: KnownCommand): string[] {
  const endpoint = owner ? endpointOfOwner(owner) : null;
  return [
    ...(owner ? [] : ['who the owner is, orphans, and whether a start recovers: the owner is not known']),
    ...(endpoint !== null && !pidFile
      ? ['whether a file names the one who answers: no file did, in a run with one start']
      : []),
    ...(endpoint === null ? [] : ['what it answers']),
    'whether files of ended processes are left',
  ];
}

/** The folder that has all of these files. */
function folderOf(files: readonly string[]): string {
  const [first, ...others] = files.map((file) => posix.dirname(file));
  if (first === undefined) return '/';
  let folder = first;
  while (!others.every((other) => other === folder || other.startsWith(`${folder === '/' ? '' : folder}/`)))
    folder = posix.dirname(folder);
  return folder;
}
