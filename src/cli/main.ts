#!/usr/bin/env node
import { Console } from 'node:console';
import { Command, CommanderError } from 'commander';
import { holdGuards } from '../host/index.ts';
import { GuardError } from '../mutation/index.ts';
import { ScaffoldError } from '../project/scaffold.ts';
import { TokenFileError } from '../project/tokens.ts';
import { BlobError, EXIT, escapeLines } from '../report/index.ts';
import { describeThrown, ScenarioError, thrownOf } from '../scenario/index.ts';
import { ModuleError } from '../scenario/modules.ts';
import { TokenError } from '../schedule/index.ts';
import { addCheck } from './commands/check.ts';
import { addExplore } from './commands/explore.ts';
import { addInit } from './commands/init.ts';
import { addList } from './commands/list.ts';
import { addMergeReports } from './commands/merge-reports.ts';
import { addMutants } from './commands/mutants.ts';
import { addRace } from './commands/race.ts';
import { addReplay } from './commands/replay.ts';
import { UsageError } from './errors.ts';
import { exitNow, isHolding, strays } from './exit.ts';
import { flush, printText } from './terminal.ts';
import { VERSION } from './version.ts';

/** Of exit codes, those that say less than an exception that nothing caught. */
const LESS_THAN_STRAYS: readonly number[] = [EXIT.ok, EXIT.inconclusive];

const USAGE_ERRORS = [
  UsageError,
  TokenError,
  TokenFileError,
  ScaffoldError,
  ScenarioError,
  ModuleError,
  BlobError,
  GuardError,
];

// stdout is for the report: what a program of a scenario says goes with the rest.
globalThis.console = new Console(process.stderr, process.stderr);
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read us has gone, as with `| head`: the work is done all the same, and the exit code says how it ended.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    throw error;
  });
}

// To the end: this process does nothing else.
holdGuards();

let isDone = false;
process.on('exit', (code) => {
  if (isDone || !isHolding() || code === EXIT.interrupted) return;
  tellStrays();
  say('error: the process came to its end before the command did; please report it');
  process.exitCode = EXIT.usage;
});
const exitCode = await main(process.argv.slice(2));
tellStrays();
process.exitCode = strays.length > 0 && LESS_THAN_STRAYS.includes(exitCode) ? EXIT.usage : exitCode;
await flush();
isDone = true;
// A scenario file may have left a timer or a server behind.
exitNow();

/** Reports exceptions that belong to no run, such as those of work that a scenario file starts when it is loaded. */
function tellStrays(): void {
  for (const stray of strays)
    say(
      `error: outside of every run something threw ${describeThrown(thrownOf(stray))}, and nothing caught it`,
    );
}

async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await build((result) => {
      code = result;
    }).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return complain(error);
  }
}

function build(exit: (code: number) => void): Command {
  const program = new Command('one-survivor')
    .description(
      'Deterministic simulation and chaos testing for code that must leave exactly one daemon alive.',
    )
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`${escapeLines(text.trimEnd()).join('\n')}\n`),
    })
    .showHelpAfterError('(--help tells what is accepted)')
    .addHelpText(
      'after',
      `
Exit codes: 0 as expected, 1 an invariant is violated or an expected violation was not found, 2 usage,
configuration or a scenario whose check ended with an exception, 3 inconclusive, 4 a schedule replayed
differently, 130 interrupted.`,
    );
  for (const add of [addCheck, addExplore, addReplay, addMutants, addList, addMergeReports, addRace, addInit])
    add(program, exit);
  return program;
}

/** Says what is wrong. @returns the exit code */
function complain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (USAGE_ERRORS.some((kind) => error instanceof kind)) {
    say(`error: ${(error as Error).message}`);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`error: this should not have happened, please report it\n${text}`);
  }
  return EXIT.usage;
}

function say(text: string): void {
  printText(process.stderr, escapeLines(text).join('\n'));
}
