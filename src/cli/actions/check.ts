import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  DEFAULT_RUNS,
  type Replay,
  replay,
  type ScenarioReport,
  withSourceLinesOfAll,
} from '../../check/index.ts';
import { ParallelChecker } from '../../check/parallel/parallel-checker.ts';
import { holdGuards } from '../../host/index.ts';
import { type CheckedScenario, type CheckReport, evidenceOf, exitCodeOf } from '../../report/index.ts';
import type { PageTrace } from '../../report/page/index.ts';
import type { Reporter } from '../../report/reporters.ts';
import { describeThrown, thrownOf } from '../../scenario/index.ts';
import { DEFAULT_STRATEGY, type Strategy } from '../../schedule/index.ts';
import type { ScenarioOptions } from '../commands/options.ts';
import { type Config, readConfig } from '../config.ts';
import { corpusOf } from '../corpus.ts';
import { pageTraces } from '../documents.ts';
import { holdOn } from '../exit.ts';
import { LastFailed } from '../last-failed.ts';
import { parseBudget, parseReporter } from '../parse.ts';
import { ProgressLine } from '../progress.ts';
import { TokensOfCheck } from '../project-tokens.ts';
import { Publisher } from '../publish.ts';
import { selectScenarios, type Target, type Unusable } from '../scenarios.ts';
import { sourceOf } from '../source-location.ts';
import { parseStrategy } from '../strategy.ts';
import { note } from '../terminal.ts';
import { reportUnusable } from '../unusable.ts';
import { VERSION } from '../version.ts';

/** As given on the command line. */
export interface CheckOptions extends ScenarioOptions {
  seed?: number;
  runs?: number;
  budget?: number;
  strategy?: string;
  workers?: number;
  shard?: { index: number; of: number };
  bail?: true;
  allowOmitted?: true;
  reporter?: Reporter[];
  outputFile?: string;
  record: boolean;
  strict?: true;
  isolationCheck: boolean;
  json?: boolean;
  lastFailed?: true;
  watch?: true;
  quiet?: boolean;
}

/** Options and config combined. */
interface Settings {
  readonly seed: number;
  readonly runs: number | null;
  readonly budgetMs: number | null;
  readonly strategy: Strategy;
  readonly workers: number;
  readonly shard: { readonly index: number; readonly of: number } | null;
  readonly bail: boolean;
  readonly allowOmitted: boolean;
  readonly record: boolean;
  readonly isolationCheck: boolean;
}

/** Checks the scenarios that the words select, and publishes the reports. @returns the exit code */
export async function checkAndPublish(
  words: readonly string[],
  options: CheckOptions,
  signal: AbortSignal,
): Promise<number> {
  holdOn();
  // Until the process ends, since it does nothing else.
  holdGuards();
  const { quiet = false, config: file } = options;
  const tell = quiet ? () => {} : note;
  const config = await readConfig(process.cwd(), { file, onNote: tell });
  const settings = settle(options, config);
  const publisher = new Publisher({
    reporters: options.reporter ?? reportersOf(config),
    json: options.json ?? false,
    outputFile: options.outputFile,
    shard: settings.shard,
    quiet,
  });
  const unusable: Unusable[] = [];
  const selection = { ...options, unusable, onNote: tell };
  const failed = new LastFailed(tell);
  const targets = await (options.lastFailed
    ? failed.select(words, config, selection)
    : selectScenarios(words, config, selection));
  const tokens = new TokensOfCheck(process.cwd(), words, {
    writes: settings.record,
    // With --quiet, what makes the check fail is said.
    onNote: options.strict ? note : tell,
  });
  const { seed, runs, budgetMs, allowOmitted, shard } = settings;
  const facts = {
    ...{ version: VERSION, node: process.version, seed, strategy: settings.strategy.name },
    ...{ runs, budgetMs, allowOmitted, shard },
  };
  publisher.begin(facts);
  const pages: Pages = publisher.wants('html') ? new Map() : null;
  const checked = await checkAll(targets, settings, tokens, signal, quiet, pages);
  const report: CheckReport = {
    ...{ ...facts, ...checked },
    scenarios: [...checked.scenarios, ...unusable.map(reportUnusable)],
    recorded: { outdated: tokens.countOutdated(checked.scenarios), strict: options.strict ?? false },
  };
  if (settings.record) await tokens.record(checked.scenarios, targets);
  await failed.remember(checked.scenarios, targets, unusable);
  publisher.publish(report, pages ?? undefined);
  return exitCodeOf(report);
}

function settle(options: CheckOptions, config: Config | null): Settings {
  const budgetMs = options.budget ?? (config?.budget === undefined ? null : parseBudget(config.budget));
  // With --budget, the number of runs in the config does not apply.
  const runs = options.runs ?? (options.budget === undefined ? config?.runs : undefined);
  return {
    seed: options.seed ?? config?.seed ?? randomInt(2 ** 32),
    runs: runs ?? (budgetMs === null ? DEFAULT_RUNS : null),
    budgetMs,
    strategy: parseStrategy(options.strategy ?? config?.strategy ?? DEFAULT_STRATEGY.name),
    workers: options.workers ?? config?.workers ?? availableParallelism(),
    shard: options.shard ?? null,
    bail: options.bail ?? false,
    allowOmitted: options.allowOmitted ?? false,
    record: options.record,
    isolationCheck: options.isolationCheck && (config?.isolationCheck ?? true),
  };
}

function reportersOf(config: Config | null): Reporter[] {
  return (config?.reporters ?? []).flatMap((text) => parseReporter(text));
}

/** The runs of violations for the html reporter, by token; `null`: it is not asked for. */
type Pages = Map<string, readonly PageTrace[]> | null;

/** Checks all scenarios, with progress and notes on stderr. */
async function checkAll(
  targets: readonly Target[],
  settings: Settings,
  tokens: TokensOfCheck,
  signal: AbortSignal,
  quiet: boolean,
  pages: Pages,
): Promise<Pick<CheckReport, 'interrupted' | 'scenarios' | 'left'>> {
  const { seed, budgetMs, strategy, shard, bail, allowOmitted, isolationCheck } = settings;
  const checker = new ParallelChecker(settings.workers);
  const progress = new ProgressLine(process.stderr, { of: targets.length, quiet });
  try {
    const checkerTargets = targets.map((target) => {
      const builtIn = target.builtIn ? corpusOf(target.scenario) : [];
      return { ...target, recorded: [...builtIn, ...tokens.of(target)] };
    });
    progress.begin();
    const reports = await checker.checkAll(checkerTargets, {
      ...{ seed, strategy, bail, signal, allowOmitted },
      onProgress: (now) => progress.update(now),
      onReport: (report) => {
        progress.done(report);
        // With --bail, what other threads find after the first failure is dropped.
        if (settings.record && !bail) tokens.recordAtOnce(report);
      },
      ...(!isolationCheck && { isolation: false as const }),
      ...(settings.runs !== null && { runs: settings.runs }),
      ...(budgetMs !== null && { budgetMs }),
      ...(shard !== null && { shard: { index: shard.index - 1, of: shard.of } }),
    });
    const scenarios: CheckedScenario[] = [];
    for (const [i, report] of reports.entries()) {
      if (report !== null) scenarios.push(await withEvidence(report, targets[i]!, pages));
    }
    progress.clear();
    for (const { skipped = [], changed = [] } of scenarios) {
      for (const what of skipped) note(`a recorded token is skipped: ${what}`);
      for (const what of changed) note(`a known bug has changed: ${what}`);
    }
    const left = targets.filter((_, i) => reports[i] === null).map(({ scenario }) => scenario.id);
    return { interrupted: signal.aborted, scenarios, left };
  } finally {
    progress.clear();
    await checker.close();
  }
}

async function withEvidence(found: ScenarioReport, target: Target, pages: Pages): Promise<CheckedScenario> {
  const { scenario, from } = target;
  const source = sourceOf(target, found.error);
  let replays: Replay[];
  try {
    replays = await withSourceLinesOfAll(
      await Promise.all(found.violations.map(({ token }) => replay(token, () => scenario))),
    );
  } catch (thrown) {
    const error = thrownOf(thrown);
    const violated = found.violations.map(({ invariant, message }) => `${invariant}: ${message}`).join('; ');
    const reason = `${violated}. Its replay for this report threw ${describeThrown(error)}`;
    return { ...found, reason, error, evidence: [], from, source };
  }
  const evidence = replays.map((each, i) =>
    evidenceOf(each, found.violations[i]!.critical, found.violations[i]!.cutShort),
  );
  if (pages !== null) {
    for (const [i, each] of replays.entries()) {
      pages.set(each.token, await pageTraces(each, evidence[i]!, { from, mutant: null }));
    }
  }
  return { ...found, evidence, from, source };
}
