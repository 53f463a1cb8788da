import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { huntAll } from '../../mutation/index.ts';
import { exitCodeOfMutants, mutantsHeading, mutantsJson, mutantsText } from '../../report/index.ts';
import { selectGuards } from '../guards.ts';
import { interruptible } from '../interruption.ts';
import { parseRuns, parseSeed, parseWorkers } from '../parse.ts';
import { ProgressLine } from '../progress.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';

interface Options {
  seed?: number;
  runs: number;
  workers?: number;
  json?: boolean;
}

/** The guard that is missed most rarely is missed once in some 1,700 runs. */
const DEFAULT_RUNS = 10_000;

export function addMutants(program: Command, exit: (code: number) => void): void {
  program
    .command('mutants')
    .description('remove each guard of our own protocol in turn, and show which scenario notices')
    .argument('[GUARD...]', 'names or globs of names (* stands for anything); default: all guards')
    .option('--seed <N>', 'the same seed gives the same runs (default: random, always printed)', parseSeed)
    .option('--runs <N>', 'how many runs of each scenario, at most', parseRuns, DEFAULT_RUNS)
    .option('--workers <N>', 'how many threads (default: one for each core)', parseWorkers)
    .option('--json', 'one JSON document on stdout')
    .action(async (words: string[], options: Options) => {
      exit(await interruptible((signal) => run(words, options, signal)));
    });
}

async function run(
  words: readonly string[],
  { seed = randomInt(2 ** 32), runs, workers = availableParallelism(), json = false }: Options,
  signal: AbortSignal,
): Promise<number> {
  const guards = selectGuards(words);
  const stream = json ? process.stderr : process.stdout;
  print(stream, `${mutantsHeading({ version: VERSION, seed, runs }, guards.length, styleOf(stream))}\n`);
  const progress = new ProgressLine(process.stderr);
  const tell = (done: number): void => progress.tell(`${done}/${guards.length} mutants`);
  progress.begin('mutants');
  try {
    const hunted = await huntAll(guards, { seed, runs, workers, signal, onDone: tell });
    progress.clear();
    const done = new Set(hunted.map(({ guard }) => guard));
    const left = guards.map(({ name }) => name).filter((name) => !done.has(name));
    const report = { version: VERSION, seed, runs, hunted, left, interrupted: signal.aborted };
    if (json) print(process.stdout, mutantsJson(report));
    else printText(process.stdout, mutantsText(report, styleOf(process.stdout)));
    return exitCodeOfMutants(report);
  } finally {
    progress.clear();
  }
}
