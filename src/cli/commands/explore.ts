import { type Command, Option } from 'commander';
import { DEFAULT_LEVELS_BUDGET_MS } from '../../explore/level-options.ts';
import { DEFAULT_MAX_STATES } from '../../explore/options.ts';
import type { ExploreOptions } from '../actions/explore.ts';
import { requireModules } from '../clone.ts';
import { FILE_KINDS } from '../file-kinds.ts';
import { interruptible } from '../interruption.ts';
import { TREE_PAGE } from '../outputs.ts';
import { parseBudget, parseWhole } from '../parse.ts';
import { addConfig, addJson, addQuiet } from './options.ts';

const MOST_CONTENDERS = 16;
const MOST_FAULTS = 8;
const MOST_FAULTS_IN_ALL = 100;
const MOST_PREEMPTIONS = 1_000;
const MOST_BUSY_MS = 1_000_000;
const MOST_STATES = 1_000_000_000;

export function addExplore(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('explore')
    .description(
      'explore every schedule of a scenario within the largest bounds that fit the budget, and report whether it is complete',
    )
    .argument('<SCENARIO>', `an id, ${FILE_KINDS} that exports one scenario, or FILE#ID`)
    .option(
      '--contenders <N>',
      'the number of processes of the system to start (default: all)',
      whole('--contenders', 1, MOST_CONTENDERS),
    )
    .option(
      '--crashes <N>',
      'at most N kills, each at any point (default: as in the scenario; the same applies to all other faults)',
      whole('--crashes', 0, MOST_FAULTS),
    )
    .option('--stops <N>', 'at most N stops, each at any point', whole('--stops', 0, MOST_FAULTS))
    .option('--losses <N>', 'at most N lost files, each at any point', whole('--losses', 0, MOST_FAULTS))
    .option(
      '--faults <N>',
      'at most N faults of all kinds per run (default: as many as fit the budget)',
      whole('--faults', 0, MOST_FAULTS_IN_ALL),
    )
    .option(
      '--preemptions <N>',
      'at most N context switches away from a process that could run (default: as many as fit the budget)',
      whole('--preemptions', 0, MOST_PREEMPTIONS),
    )
    .option(
      '--busy <MS>',
      'how much time may pass while a process could run, in simulated milliseconds (default: none, then that of the scenario if it fits the budget)',
      whole('--busy', 0, MOST_BUSY_MS),
    )
    .option(
      '--max-states <N>',
      'the maximum number of states to keep, about 20 bytes each',
      whole('--max-states', 1, MOST_STATES),
      DEFAULT_MAX_STATES,
    )
    .option('--all-orders', 'try all orders of operations, also where they make no difference')
    .option('--allow-omitted', 'exit with 0 although parts of the scenario were never run; they are listed')
    .option(
      '--mutant <NAME>',
      'explore with this mutant of the built-in protocol, see mutants (only in a clone of the repository)',
    )
    .addOption(
      new Option('--budget <TIME>', 'how long to search: 30s, 2m, 500ms')
        .argParser(parseBudget)
        .default(DEFAULT_LEVELS_BUDGET_MS, '60s'),
    )
    .option('--html <FILE>', 'write a page with the tree of all schedules')
    .option('--open', `open the page in the browser; without --html, it is written to ${TREE_PAGE}`);
  addQuiet(addJson(addConfig(command))).action(async (word: string, options: ExploreOptions) => {
    if (options.mutant !== undefined) await requireModules();
    const result = await interruptible(async (signal) => {
      const { exploreAndPrint } = await import('../actions/explore.ts');
      return exploreAndPrint(word, options, signal);
    });
    exit(result);
  });
}

function whole(option: string, least: number, most: number): (text: string) => number {
  return (text) => parseWhole(option, text, least, most);
}
