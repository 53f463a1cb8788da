import { type Command, Option } from 'commander';
import { replay } from '../../check/index.ts';
import {
  DEFAULT_LEVELS_BUDGET_MS,
  DEFAULT_MAX_STATES,
  exploreLevels,
  type LevelsOptions,
  type LevelsReport,
  ScheduleTree,
} from '../../explore/index.ts';
import { makeFolder, PatchedModules, scenarioWithout } from '../../mutation/index.ts';
import {
  type CheckReport,
  describeLevel,
  type Evidence,
  type Exploration,
  evidenceOf,
  exitCodeOf,
  explorationJson,
  explored,
} from '../../report/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { readConfig } from '../config.ts';
import { treePage, writeDocument } from '../documents.ts';
import { UsageError } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { guardOf } from '../guards.ts';
import { interruptible } from '../interruption.ts';
import { parseBudget, parseWhole } from '../parse.ts';
import { ProgressLine } from '../progress.ts';
import { selectScenarios, type Target, wordOf } from '../scenarios.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';

interface Options {
  contenders?: number;
  crashes?: number;
  stops?: number;
  losses?: number;
  faults?: number;
  busy?: number;
  preemptions?: number;
  mutant?: string;
  maxStates: number;
  symmetry: boolean;
  allowOmitted?: true;
  budget: number;
  json?: boolean;
  html?: string;
}

const MOST_CONTENDERS = 16;
const MOST_FAULTS = 8;
const MOST_FAULTS_IN_ALL = 100;
const MOST_PREEMPTIONS = 1_000;
const MOST_BUSY_MS = 1_000_000;
const MOST_STATES = 1_000_000_000;

export function addExplore(program: Command, exit: (code: number) => void): void {
  program
    .command('explore')
    .description(
      'explore every schedule of a scenario, within the largest bounds that fit the budget, and say whether that is complete',
    )
    .argument('<SCENARIO>', 'an id, a .js, .mjs or .ts file that exports one scenario, or FILE#ID')
    .option(
      '--contenders <N>',
      'how many processes of the system start (default: all in the scenario)',
      whole('--contenders', 1, MOST_CONTENDERS),
    )
    .option(
      '--crashes <N>',
      'at most N kills, each at any point (default: as the scenario says; likewise for all other faults)',
      whole('--crashes', 0, MOST_FAULTS),
    )
    .option('--stops <N>', 'at most N stops, each at any point', whole('--stops', 0, MOST_FAULTS))
    .option('--losses <N>', 'at most N lost files, each at any point', whole('--losses', 0, MOST_FAULTS))
    .option(
      '--faults <N>',
      'at most N faults in one run, of all kinds together (default: as many as fit the budget)',
      whole('--faults', 0, MOST_FAULTS_IN_ALL),
    )
    .option(
      '--preemptions <N>',
      'at most N context switches away from a process that could go on (default: as many as fit the budget)',
      whole('--preemptions', 0, MOST_PREEMPTIONS),
    )
    .option(
      '--busy <MS>',
      'how much time may pass while a process could go on, in simulated milliseconds (default: none, then that of the scenario if it fits the budget)',
      whole('--busy', 0, MOST_BUSY_MS),
    )
    .option(
      '--max-states <N>',
      'how many states may be kept, each about 20 bytes',
      whole('--max-states', 1, MOST_STATES),
      DEFAULT_MAX_STATES,
    )
    .option('--no-symmetry', 'try identical processes in every order')
    .option('--allow-omitted', 'exit with 0 although parts of the scenario were never run; they are listed')
    .option('--mutant <GUARD>', 'remove this guard of our own protocol, see mutants')
    .addOption(
      new Option('--budget <TIME>', 'how long to search: 30s, 2m, 500ms')
        .argParser(parseBudget)
        .default(DEFAULT_LEVELS_BUDGET_MS, '60s'),
    )
    .option('--json', 'one JSON document on stdout')
    .option('--html <FILE>', 'write a page with the tree of all schedules')
    .action(async (word: string, options: Options) => {
      holdOn();
      exit(await interruptible((signal) => run(word, options, signal)));
    });
}

function whole(option: string, least: number, most: number): (text: string) => number {
  return (text) => parseWhole(option, text, least, most);
}

async function run(word: string, options: Options, signal: AbortSignal): Promise<number> {
  const target = await selectOne(word);
  if (options.mutant === undefined) return exploreOne(target, options, signal);
  const guard = guardOf(options.mutant);
  const folder = makeFolder();
  try {
    const scenario = await scenarioWithout(guard, target.scenario.id, new PatchedModules(folder.path));
    return await exploreOne({ ...target, scenario }, options, signal);
  } finally {
    folder.remove();
  }
}

async function selectOne(word: string): Promise<Target> {
  const targets = await selectScenarios([word], await readConfig(process.cwd()));
  if (targets.length === 1) return targets[0]!;
  const words = targets.map(wordOf).join(', ');
  throw new UsageError(
    `${JSON.stringify(word)} names ${targets.length} scenarios; accepted: one of ${words}`,
  );
}

async function exploreOne(
  { scenario, from, url }: Target,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const progress = new ProgressLine(process.stderr);
  progress.begin(scenario.id);
  const trees: ScheduleTree[] = [];
  let now = '';
  const found = await exploreLevels(scenario, {
    ...settingsOf(options),
    isolation: { url },
    signal,
    onLevel: (level) => {
      now = describeLevel(level);
      return options.html === undefined ? undefined : trees[trees.push(new ScheduleTree()) - 1];
    },
    onProgress: ({ id, executions, states }) =>
      progress.tell(`${id}  ${now}  ${executions} executions  ${states} states`),
  });
  progress.clear();
  const find = (id: string): Scenario | undefined => (id === scenario.id ? scenario : undefined);
  const replays = await Promise.all(found.violations.map(({ token }) => replay(token, find)));
  const report: CheckReport = {
    ...{ version: VERSION, node: process.version, seed: 0, strategy: 'explore', runs: null },
    ...{ budgetMs: options.budget, shard: null, interrupted: signal.aborted, left: [] },
    allowOmitted: options.allowOmitted ?? false,
    scenarios: [
      {
        ...found,
        from,
        mutant: options.mutant,
        evidence: replays
          .map((each, i) => evidenceOf(each, found.violations[i]!.critical, found.violations[i]!.cutShort))
          .map((evidence) => ({ ...evidence, notes: [...evidence.notes, ...notesOf(evidence, found)] })),
      },
    ],
  };
  const { complete, executions, states, edges, seconds, stateBytes, histories } = found;
  const { bounds, has, levels, omitted, assumed, largest } = found;
  const exploration: Exploration = {
    ...{ complete, executions, states, edges, stateBytes, histories },
    // The figures are those of one level.
    seconds: levels[largest]?.seconds ?? seconds,
    ...{ bounds, has, levels, omitted, assumed },
  };
  const tree = trees[largest];
  if (options.html !== undefined && tree !== undefined) {
    writeDocument(options.html, treePage(report, exploration, tree));
    print(process.stderr, `page: ${options.html}`);
  }
  if (options.json) print(process.stdout, explorationJson(report, exploration));
  else printText(process.stdout, explored(report, exploration, styleOf(process.stdout)));
  return exitCodeOf(report);
}

/** Whether something comes true in the end may depend on processes that were left out. */
function notesOf({ kind, invariant }: Evidence, { bounds, has }: LevelsReport): string[] {
  const fewer = has.contenders - bounds.contenders;
  if (kind !== 'eventually' || invariant === null || fewer <= 0) return [];
  return [
    `--contenders left out ${fewer} of the ${has.contenders} processes that the scenario starts, and this may depend on them`,
  ];
}

/** What was not asked for is left open. */
function settingsOf(options: Options): LevelsOptions {
  const { contenders, crashes, stops, losses, faults, preemptions, busy } = options;
  const counts = { kill: crashes, stop: stops, 'lose-state': losses };
  const asked = Object.entries(counts).filter(([, most]) => most !== undefined);
  return {
    budgetMs: options.budget,
    maxStates: options.maxStates,
    symmetry: options.symmetry,
    allowOmitted: options.allowOmitted ?? false,
    ...(asked.length > 0 && { faultCounts: Object.fromEntries(asked) }),
    ...(contenders !== undefined && { contenders }),
    ...(faults !== undefined && { faults }),
    ...(preemptions !== undefined && { preemptions }),
    ...(busy !== undefined && { busyMs: busy }),
  };
}
