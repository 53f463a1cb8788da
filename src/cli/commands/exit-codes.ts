/** The exit codes of each command, for its `--help` and for docs/commands.md. */
import type { Command } from 'commander';

export type ExitCodes = Readonly<Record<number, string>>;

const INTERRUPTED = 'interrupted by Ctrl-C or SIGTERM, after printing the results so far';
const USAGE = 'usage or configuration';
const NONDETERMINISTIC = 'a schedule gave two different runs when it was replayed';

const OF_CHECK: ExitCodes = {
  0: 'all verdicts are as expected',
  1: 'an invariant is violated, or a violation that was expected was not found',
  2: `${USAGE}; or the check of a scenario ended with an exception, or its file cannot be loaded`,
  3: 'inconclusive: the budget ran out, nothing ran, or something was never run, reached or exercised',
  4: NONDETERMINISTIC,
  130: INTERRUPTED,
};
const SIMPLE: ExitCodes = { 0: 'done', 2: USAGE };

const OF_TOKENS: ExitCodes = {
  0: 'every token of these scenarios is up to date or was dealt with',
  1: 'a violation was not found again, or that is not decided, or a file cannot be read',
  2: USAGE,
  130: INTERRUPTED,
};

/** By the name of the command; of a command of another one, its own name. */
export const EXIT_CODES = {
  check: OF_CHECK,
  explore: {
    ...OF_CHECK,
    3: 'inconclusive: the budget ran out before the smallest bounds were complete, or something was left out or never exercised',
  },
  replay: {
    0: 'the run violates no invariant',
    1: 'the run violates an invariant, expected or not',
    2: USAGE,
    3: 'with --real: the run is refused, or its processes could not be started',
    4: `${NONDETERMINISTIC}; with --real: real processes do something else`,
    130: INTERRUPTED,
  },
  simulate: {
    0: 'no violation was found, and all that was to be judged was seen',
    1: 'an invariant is violated',
    2: `${USAGE}; or the program asks for something that the simulation does not have`,
    3: 'inconclusive: one start leaves no process, or something was never exercised',
    4: NONDETERMINISTIC,
    130: INTERRUPTED,
  },
  storm: {
    0: 'no violation was seen, and all that was to be judged was seen',
    1: 'an invariant is violated',
    2: `${USAGE}; or the command cannot be started`,
    3: 'inconclusive: one start leaves no process, a fault cannot strike here, or something was never exercised',
    130: INTERRUPTED,
  },
  update: OF_TOKENS,
  prune: { ...OF_TOKENS, 1: 'a violation is not decided, or a file cannot be read' },
  mutants: { 0: 'all mutants are killed', 1: 'a mutant survives', 2: USAGE, 130: INTERRUPTED },
  list: { ...SIMPLE, 2: `${USAGE}, or a file of scenarios that cannot be loaded` },
  'merge-reports': OF_CHECK,
  'show-report': SIMPLE,
  race: {
    0: 'exactly one process survived, the others exited without an error, and the invariants hold; with --system: each row is as expected',
    1: 'anything else; with --system: a fault in a trial of after or ours, or none in all trials of a row of before',
    2: USAGE,
    130: INTERRUPTED,
  },
  init: { ...SIMPLE, 2: `${USAGE}, or a file that cannot be read or written` },
  completion: SIMPLE,
} as const satisfies Record<string, ExitCodes>;

/** @returns `null` for a command without an entry, such as a hidden one */
export function exitCodesOf(command: Command): ExitCodes | null {
  const name = command.name();
  return Object.hasOwn(EXIT_CODES, name) ? EXIT_CODES[name as keyof typeof EXIT_CODES] : null;
}

/** Adds them to the end of the help. */
export function addExitCodes(command: Command): void {
  const codes = exitCodesOf(command);
  if (codes === null) return;
  command.addHelpText('after', (context) => {
    const help = context.command.createHelp();
    help.prepareContext(process.stdout.isTTY ? { helpWidth: process.stdout.columns } : {});
    const items = Object.entries(codes).map(([code, text]) => help.formatItem(code, 4, text, help));
    return `\nExit codes:\n${items.join('\n')}`;
  });
}
