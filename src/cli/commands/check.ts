import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { DEFAULT_RUNS, type Recorded, type Replay, replay, type ScenarioReport } from '../../check/index.ts';
import { ParallelChecker } from '../../check/parallel/parallel-checker.ts';
import { TOKENS_FILE, TokenFile } from '../../project/tokens.ts';
import {
  type CheckedScenario,
  type CheckReport,
  evidenceOf,
  exitCodeOf,
  printable,
} from '../../report/index.ts';
import { describeThrown, thrownOf } from '../../scenario/index.ts';
import { DEFAULT_STRATEGY, type Strategy } from '../../schedule/index.ts';
import { type Config, readConfig } from '../config.ts';
import { corpusOf } from '../corpus.ts';
import { messageOf } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { interruptible } from '../interruption.ts';
import {
  parseBudget,
  parseReporter,
  parseRuns,
  parseSeed,
  parseShard,
  parseStrategy,
  parseWorkers,
  type Reporter,
} from '../parse.ts';
import { ProgressLine } from '../progress.ts';
import { Publisher } from '../publish.ts';
import { selectScenarios, type Target, type Unusable } from '../scenarios.ts';
import { sourceOf } from '../source-location.ts';
import { print } from '../terminal.ts';
import { reportUnusable } from '../unusable.ts';
import { VERSION } from '../version.ts';

interface Options {
  seed?: number;
  runs?: number;
  budget?: number;
  strategy?: Strategy;
  workers?: number;
  shard?: { index: number; of: number };
  bail?: true;
  allowOmitted?: true;
  reporter?: Reporter[];
  outputFile?: string;
  record: boolean;
  isolationCheck: boolean;
  json?: boolean;
}

/** Options and the config, as one. */
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

export function addCheck(program: Command, exit: (code: number) => void): void {
  program
    .command('check')
    .description('replay the recorded tokens, then search for runs that violate an invariant')
    .argument(
      '[SCENARIO...]',
      'ids, globs of ids (* stands for anything), .js, .mjs or .ts files that export scenarios, or FILE#ID for one of a file',
    )
    .option('--seed <N>', 'the same seed gives the same runs (default: random, always printed)', parseSeed)
    .option(
      '--runs <N>',
      `how many runs for each scenario (default: ${DEFAULT_RUNS}, or as many as --budget allows)`,
      parseRuns,
    )
    .option('--budget <TIME>', 'how long to search in all: 30s, 2m, 500ms', parseBudget)
    .option('--strategy <NAME>', `how to search, see list (default: ${DEFAULT_STRATEGY.name})`, parseStrategy)
    .option('--workers <N>', 'how many threads (default: one for each core)', parseWorkers)
    .option('--shard <i/n>', 'only the i-th of n parts of the runs', parseShard)
    .option('--allow-omitted', 'exit with 0 although parts of a scenario were never run; they are listed')
    .option('--bail', 'stop at the first scenario that fails')
    .option('--reporter <NAME>', 'default, json, junit, github or blob; may be given again', parseReporter)
    .option('--output-file <FILE>', 'write the json, junit or blob report to this file')
    .option('--no-record', `do not add new violations to ${TOKENS_FILE}`)
    .option('--no-isolation-check', 'do not look for memory that processes share')
    .option('--json', 'one JSON document on stdout')
    .action(async (words: string[], options: Options) => {
      holdOn();
      exit(await interruptible((signal) => checkAndPublish(words, options, signal)));
    });
}

async function checkAndPublish(
  words: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const config = await readConfig(process.cwd());
  const settings = settle(options, config);
  const publisher = new Publisher({
    reporters: options.reporter ?? config?.reporters ?? [],
    json: options.json ?? false,
    outputFile: options.outputFile,
    shard: settings.shard,
  });
  const unusable: Unusable[] = [];
  const targets = await selectScenarios(words, config, unusable);
  const tokens = new TokenFile(process.cwd());
  const { seed, runs, budgetMs, allowOmitted, shard } = settings;
  const facts = {
    ...{ version: VERSION, node: process.version, seed, strategy: settings.strategy.name },
    ...{ runs, budgetMs, allowOmitted, shard },
  };
  publisher.begin(facts);
  if (tokens.foreign > 0) note(`${tokens.foreign} recorded tokens are of another format: skipped`);
  const checked = await checkAll(targets, settings, tokens, signal);
  const report: CheckReport = {
    ...{ ...facts, ...checked },
    scenarios: [...checked.scenarios, ...unusable.map(reportUnusable)],
  };
  if (settings.record) record(report, tokens);
  publisher.publish(report);
  return exitCodeOf(report);
}

function settle(options: Options, config: Config | null): Settings {
  const budgetMs = options.budget ?? (config?.budget === undefined ? null : parseBudget(config.budget));
  // Runs that only the config names are not meant for a budget of the command line.
  const runs = options.runs ?? (options.budget === undefined ? config?.runs : undefined);
  return {
    seed: options.seed ?? config?.seed ?? randomInt(2 ** 32),
    runs: runs ?? (budgetMs === null ? DEFAULT_RUNS : null),
    budgetMs,
    strategy:
      options.strategy ??
      (config?.strategy === undefined ? DEFAULT_STRATEGY : parseStrategy(config.strategy)),
    workers: options.workers ?? config?.workers ?? availableParallelism(),
    shard: options.shard ?? null,
    bail: options.bail ?? false,
    allowOmitted: options.allowOmitted ?? false,
    record: options.record,
    isolationCheck: options.isolationCheck && (config?.isolationCheck ?? true),
  };
}

/** What threads do with a scenario is the crew's; what a check says to whoever watches is said here. */
async function checkAll(
  targets: readonly Target[],
  { seed, runs, budgetMs, strategy, shard, bail, workers, allowOmitted, isolationCheck }: Settings,
  tokens: TokenFile,
  signal: AbortSignal,
): Promise<Pick<CheckReport, 'interrupted' | 'scenarios' | 'left'>> {
  const crew = new ParallelChecker(workers);
  const progress = new ProgressLine(process.stderr, targets.length);
  try {
    const crewTargets = targets.map((target) => ({ ...target, recorded: recordedOf(target, tokens) }));
    progress.begin();
    const reports = await crew.checkAll(crewTargets, {
      ...{ seed, strategy, bail, signal, allowOmitted },
      onProgress: (now) => progress.update(now),
      onReport: () => progress.done(),
      ...(!isolationCheck && { isolation: false as const }),
      ...(runs !== null && { runs }),
      ...(budgetMs !== null && { budgetMs }),
      ...(shard !== null && { shard: { index: shard.index - 1, of: shard.of } }),
    });
    const scenarios: CheckedScenario[] = [];
    for (const [i, report] of reports.entries()) {
      if (report !== null) scenarios.push(await withEvidence(report, targets[i]!));
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
    await crew.close();
  }
}

function recordedOf({ scenario, builtIn = false }: Target, tokens: TokenFile): Recorded[] {
  const recorded = tokens.of(scenario);
  if (recorded.note !== null) note(recorded.note);
  return [...(builtIn ? corpusOf(scenario) : []), ...recorded.tokens];
}

async function withEvidence(found: ScenarioReport, target: Target): Promise<CheckedScenario> {
  const { scenario, from } = target;
  const source = sourceOf(target, found.error);
  let replays: Replay[];
  try {
    replays = await Promise.all(found.violations.map(({ token }) => replay(token, () => scenario)));
  } catch (thrown) {
    const error = thrownOf(thrown);
    const violated = found.violations.map(({ invariant, message }) => `${invariant}: ${message}`).join('; ');
    const reason = `${violated}. Its replay for this report threw ${describeThrown(error)}`;
    return { ...found, reason, error, evidence: [], from, source };
  }
  const evidence = replays.map((each, i) =>
    evidenceOf(each, found.violations[i]!.critical, found.violations[i]!.cutShort),
  );
  return { ...found, evidence, from, source };
}

function record({ scenarios }: CheckReport, tokens: TokenFile): void {
  const found = scenarios
    .filter(({ expects, verdict }: ScenarioReport) => expects === 'pass' && verdict === 'violated')
    .flatMap(({ violations }) => violations.map(({ token, invariant }) => ({ token, invariant })));
  let added = 0;
  try {
    added = tokens.add(found);
  } catch (error) {
    // What was found is told all the same.
    note(`nothing is recorded: ${messageOf(error)}`);
  }
  if (added > 0)
    note(`${added} new in ${TOKENS_FILE}: the next check replays ${added === 1 ? 'it' : 'them'} first`);
}

function note(text: string): void {
  print(process.stderr, `note: ${printable(text)}`);
}
