import type { Command } from 'commander';
import type { ReplayOptions } from '../actions/replay.ts';
import { requireModules } from '../clone.ts';
import { ENDINGS } from '../file-kinds.ts';
import { interruptible } from '../interruption.ts';
import { RUN_PAGE } from '../outputs.ts';
import { parseBreakAt, parseFormat } from '../parse.ts';
import { addConfig, addJson } from './options.ts';

export function addReplay(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('replay')
    .description(
      'replay a run and print its timeline; exit code 1 if it violates an invariant, expected or not',
    )
    .argument('<TOKEN>', 'as printed by check; - reads it from stdin')
    .option('--from <FILE>', `the ${ENDINGS} file that exports the scenario, or FILE#ID`)
    .option(
      '--mutant <NAME>',
      'replay with this mutant of the built-in protocol, as printed by mutants (only in a clone of the repository)',
    )
    .option(
      '--format <NAME>',
      'instead of the timeline: json, mermaid or perfetto (Chrome trace events)',
      parseFormat,
    )
    .option(
      '--break-at <STEP>',
      'stop a debugger in the call of this step of the timeline, or of an operation in it, such as 12:mark, or of the violation: start it with node --inspect-brk node_modules/one-survivor/dist/cli/main.js replay …',
      parseBreakAt,
    )
    .option('--output-file <FILE>', 'write it to this file instead of stdout')
    .option(
      '--real',
      'repeat the run on real processes in lockstep, and compare each step (Linux only); exit code 4 if a step differs, 3 if the run is refused',
    )
    .option('--html <FILE>', 'write a page to step through the run, next to a passing run')
    .option('--open', `open the page in the browser; without --html, it is written to ${RUN_PAGE}`);
  addJson(addConfig(command)).action(async (word: string, options: ReplayOptions) => {
    if (options.mutant !== undefined) await requireModules();
    const { replayAndPrint } = await import('../actions/replay.ts');
    exit(
      options.real
        ? await interruptible((signal) => replayAndPrint(word, options, signal))
        : await replayAndPrint(word, options),
    );
  });
}
