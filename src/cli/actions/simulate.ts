/** `simulate`: finds out about the command, searches, and prints what was found. */
import { check, Deadline, type ScenarioReport, search } from '../../check/index.ts';
import { forgetUses, usesSoFar } from '../../guest/index.ts';
import { holdGuards } from '../../host/index.ts';
import {
  type DaemonDetails,
  type DaemonReport,
  daemonJson,
  daemonText,
  exitCodeOfDaemon,
} from '../../report/daemon/index.ts';
import { commandScenario } from '../../simulate/index.ts';
import { holdOn } from '../exit.ts';
import type { HarassmentOptions } from '../harassment.ts';
import { ProgressLine } from '../progress.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { type CommandFilesOptions, type Prepared, prepare, whyUnfit } from './simulate-prepare.ts';
import { detailsOf, NO_DETAILS, NOT_RUN, reportOf } from './simulate-report.ts';
import { writeScenarioFile } from './simulate-write.ts';

/** As given on the command line. */
export interface SimulateOptions extends HarassmentOptions, CommandFilesOptions {
  runs?: number;
  budget?: number;
  write?: string;
  json?: boolean;
  quiet?: boolean;
}

const DEFAULT_BUDGET_MS = 4_000;
/** For shrinking: the whole is to take less than ten seconds. */
const SHRINK_MS = 3_000;
/** For a shorter run, and for the two events that decide: a large program needs it, a small one on a busy machine too. */
const DETAILS_MS = 6_000;

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
    return { report, details: NO_DETAILS };
  }
  const found = await searched(prepared, options, signal);
  const written = options.write === undefined ? null : writeScenarioFile(options.write, prepared, options);
  const until = new Deadline(performance.now() + DETAILS_MS, signal);
  const { details, token } = await detailsOf(prepared.command, found, until);
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
