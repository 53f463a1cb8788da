#!/usr/bin/env node
// The command line. Loads only what all commands need: each command loads what it does, in actions/, when it runs.
import { Console } from 'node:console';
import { escapeLines } from '../report/escape.ts';
import { EXIT } from '../report/exit-codes.ts';
import { describeThrown, thrownOf } from '../scenario/thrown.ts';
import { complaintOf } from './complaint.ts';
import { exitNow, isHolding, strays } from './exit.ts';
import { programOf } from './program.ts';
import { flush, printText } from './terminal.ts';
import { reportLoaded } from './watch/loaded-files.ts';

/** The exit codes that are less important than an uncaught exception. */
const LESS_THAN_STRAYS: readonly number[] = [EXIT.ok, EXIT.inconclusive];

// stdout is reserved for the report, so output of scenario code goes to stderr.
globalThis.console = new Console(process.stderr, process.stderr);
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader is gone, as with `| head`. The work is completed anyway, for the exit code.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    throw error;
  });
}

let isDone = false;
process.on('exit', (code) => {
  if (isDone || !isHolding() || code === EXIT.interrupted) return;
  tellStrays();
  say('error: the process ended before the command did; please report it');
  process.exitCode = EXIT.usage;
});
const exitCode = await main(process.argv.slice(2));
tellStrays();
reportLoaded();
process.exitCode = strays.length > 0 && LESS_THAN_STRAYS.includes(exitCode) ? EXIT.usage : exitCode;
await flush();
isDone = true;
// A scenario file may have left a timer or a server behind.
exitNow();

/** Reports exceptions outside runs, for example of asynchronous work that a scenario file starts while it is loaded. */
function tellStrays(): void {
  for (const stray of strays)
    say(`error: uncaught exception outside of all runs: ${describeThrown(thrownOf(stray))}`);
}

async function main(args: readonly string[]): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await programOf((result) => {
      code = result;
    }).parseAsync(args[0] === '-V' ? ['-v'] : args, { from: 'user' });
    return code;
  } catch (error) {
    const { text, code } = await complaintOf(error);
    if (text !== null) say(text);
    return code;
  }
}

function say(text: string): void {
  printText(process.stderr, escapeLines(text).join('\n'));
}
