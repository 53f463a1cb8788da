import type { Command } from 'commander';
import { type Bounds, bounded, replay } from '../../check/index.ts';
import { DEFAULT_MAX_STATES, explore, ScheduleTree } from '../../explore/index.ts';
import { Copies, makeFolder, scenarioWithout } from '../../mutants/index.ts';
import { type CheckReport, evidenceOf, exitCodeOf, explorationJson, explored } from '../../report/index.ts';
import { readConfig } from '../config.ts';
import { UsageError } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { guardOf } from '../guards.ts';
import { interruptible } from '../interruption.ts';
import { parseBudget, parseWhole } from '../parse.ts';
import { ProgressLine } from '../progress.ts';
import { selectScenarios, type Target } from '../scenarios.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { treePage, writeDocument } from '../views.ts';

interface Options {
  contenders: number;
  crashes?: number;
  stops?: number;
  losses?: number;
  busy: number;
  preemptions?: number;
  mutant?: string;
  maxStates: number;
  budget?: number;
  json?: boolean;
  html?: string;
}

const DEFAULT_CONTENDERS = 2;
/** Beyond two contenders there are too many orders: nearly all known bugs need no more preemptions than this. */
const PREEMPTIONS_OF_MANY = 2;
const MOST_CONTENDERS = 16;
const MOST_FAULTS = 8;
const MOST_PREEMPTIONS = 1_000;
const MOST_BUSY_MS = 1_000_000;
const MOST_STATES = 1_000_000_000;

export function addExplore(program: Command, exit: (code: number) => void): void {
  program
    .command('explore')
    .description('every schedule of a scenario within bounds: says whether that was all of them')
    .argument('<SCENARIO>', 'an id, or a .js, .mjs or .ts file that exports one scenario')
    .option(
      '--contenders <N>',
      'how many start at once',
      whole('--contenders', 1, MOST_CONTENDERS),
      DEFAULT_CONTENDERS,
    )
    .option(
      '--crashes <N>',
      'how many are killed at most, each at any point (default: 1, or 0 if another fault is asked for)',
      whole('--crashes', 0, MOST_FAULTS),
    )
    .option('--stops <N>', 'how many stops at most, each at any point', whole('--stops', 0, MOST_FAULTS))
    .option(
      '--losses <N>',
      'how many files vanish at most, each at any point',
      whole('--losses', 0, MOST_FAULTS),
    )
    .option(
      '--preemptions <N>',
      `how often another goes on although the last could (default: any number; with more than two contenders ${PREEMPTIONS_OF_MANY})`,
      whole('--preemptions', 0, MOST_PREEMPTIONS),
    )
    .option(
      '--busy <MS>',
      'how much time may pass although somebody could go on, in simulated milliseconds',
      whole('--busy', 0, MOST_BUSY_MS),
      0,
    )
    .option(
      '--max-states <N>',
      'how many states may be kept, each about 20 bytes',
      whole('--max-states', 1, MOST_STATES),
      DEFAULT_MAX_STATES,
    )
    .option('--mutant <GUARD>', 'without a guard of our own protocol, see mutants')
    .option('--budget <TIME>', 'how long to search: 30s, 2m, 500ms (default: until it is done)', parseBudget)
    .option('--json', 'one JSON document on stdout')
    .option('--html <FILE>', 'writes a page with the tree of all schedules')
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
    const scenario = await scenarioWithout(guard, target.scenario.id, new Copies(folder.path));
    return await exploreOne({ ...target, scenario }, options, signal);
  } finally {
    folder.remove();
  }
}

async function selectOne(word: string): Promise<Target> {
  const targets = await selectScenarios([word], await readConfig(process.cwd()));
  if (targets.length === 1) return targets[0]!;
  const ids = targets.map(({ scenario }) => scenario.id).join(', ');
  throw new UsageError(`${JSON.stringify(word)} names ${targets.length} scenarios; accepted: one of ${ids}`);
}

async function exploreOne(
  { scenario, from }: Target,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const bounds = boundsOf(options);
  const preemptions =
    options.preemptions ?? (bounds.contenders > 2 ? PREEMPTIONS_OF_MANY : Number.POSITIVE_INFINITY);
  const small = bounded(scenario, bounds);
  const progress = new ProgressLine(process.stderr);
  progress.begin(small.id);
  const tree = options.html === undefined ? undefined : new ScheduleTree();
  const { complete, executions, states, edges, stateBytes, histories, assumptions, ...found } = await explore(
    small,
    {
      preemptions,
      maxStates: options.maxStates,
      signal,
      onProgress: (now) => progress.tell(`${now.id}  ${now.executions} executions  ${now.states} states`),
      ...(options.budget !== undefined && { budgetMs: options.budget }),
      ...(tree !== undefined && { tree }),
    },
  );
  progress.clear();
  const replays = await Promise.all(found.violations.map(({ token }) => replay(token, () => small)));
  const report: CheckReport = {
    ...{ version: VERSION, node: process.version, seed: 0, strategy: 'explore', runs: null },
    ...{ budgetMs: options.budget ?? null, shard: null, interrupted: signal.aborted, left: [] },
    scenarios: [
      {
        ...found,
        from,
        mutant: options.mutant,
        evidence: replays.map((each, i) =>
          evidenceOf(each, found.violations[i]!.critical, found.violations[i]!.cutShort),
        ),
      },
    ],
  };
  const exploration = {
    ...{ complete, executions, states, edges, stateBytes, histories, assumptions, seconds: found.seconds },
    bounds: { ...bounds, preemptions: Number.isFinite(preemptions) ? preemptions : null },
  };
  if (options.html !== undefined && tree !== undefined) {
    writeDocument(options.html, treePage(report, exploration, tree));
    print(process.stderr, `page: ${options.html}`);
  }
  if (options.json) print(process.stdout, explorationJson(report, exploration));
  else printText(process.stdout, explored(report, exploration, styleOf(process.stdout)));
  return exitCodeOf(report);
}

function boundsOf({ contenders, crashes, stops = 0, losses = 0, busy }: Options): Bounds {
  return { contenders, crashes: crashes ?? (stops + losses > 0 ? 0 : 1), stops, losses, busyMs: busy };
}
