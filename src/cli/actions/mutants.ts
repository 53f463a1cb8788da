import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  checkerMutants,
  type Mutant,
  protocolMutants,
  runCheckerMutants,
  runMutants,
} from '../../mutation/index.ts';
import {
  checkerMutantsHeading,
  checkerMutantsJson,
  checkerMutantsText,
  exitCodeOfMutants,
  mutantsHeading,
  mutantsJson,
  mutantsText,
} from '../../report/index.ts';
import { UsageError } from '../errors.ts';
import { selectMutants } from '../mutant-names.ts';
import { DEFAULT_MUTANT_RUNS } from '../mutant-runs.ts';
import { ProgressLine } from '../progress.ts';
import { print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';

export interface MutantsOptions {
  of: 'protocol' | 'checker';
  seed?: number;
  runs?: number;
  workers?: number;
  json?: boolean;
}

export async function runAndPrintMutants(
  words: readonly string[],
  options: MutantsOptions,
  signal: AbortSignal,
): Promise<number> {
  return options.of === 'checker' ? runChecker(words, options, signal) : runProtocol(words, options, signal);
}

async function runProtocol(
  words: readonly string[],
  {
    seed = randomInt(2 ** 32),
    runs = DEFAULT_MUTANT_RUNS,
    workers = availableParallelism(),
    json = false,
  }: MutantsOptions,
  signal: AbortSignal,
): Promise<number> {
  const mutants = selectMutants(words, protocolMutants());
  const stream = json ? process.stderr : process.stdout;
  print(stream, `${mutantsHeading({ version: VERSION, seed, runs }, mutants.length, styleOf(stream))}\n`);
  const done = await withProgress(mutants, (onDone) =>
    runMutants(mutants, { seed, runs, workers, signal, onDone }),
  );
  const report = { version: VERSION, seed, runs, ...done, interrupted: signal.aborted };
  if (json) print(process.stdout, mutantsJson(report));
  else printText(process.stdout, mutantsText(report, styleOf(process.stdout)));
  return exitCodeOfMutants(report);
}

async function runChecker(
  words: readonly string[],
  { seed, runs, workers = availableParallelism(), json = false }: MutantsOptions,
  signal: AbortSignal,
): Promise<number> {
  if (seed !== undefined || runs !== undefined)
    throw new UsageError(
      `got ${seed === undefined ? '--runs' : '--seed'} with --of checker, whose mutants are killed by tests: omit it`,
    );
  const mutants = selectMutants(words, checkerMutants());
  const stream = json ? process.stderr : process.stdout;
  print(stream, `${checkerMutantsHeading(VERSION, mutants.length, styleOf(stream))}\n`);
  const done = await withProgress(mutants, (onDone) =>
    runCheckerMutants(mutants, { workers, signal, onDone }),
  );
  const report = { version: VERSION, ...done, interrupted: signal.aborted };
  if (json) print(process.stdout, checkerMutantsJson(report));
  else printText(process.stdout, checkerMutantsText(report, styleOf(process.stdout)));
  return exitCodeOfMutants(report);
}

/** Shows how many mutants are done. @returns the results, and the names of those that have none */
async function withProgress<Result extends { readonly mutant: string }>(
  mutants: readonly Mutant[],
  run: (onDone: (done: number) => void) => Promise<Result[]>,
): Promise<{ results: Result[]; left: string[] }> {
  const progress = new ProgressLine(process.stderr);
  progress.begin('mutants');
  try {
    const results = await run((done) => progress.tell(`${done}/${mutants.length} mutants`));
    const done = new Set(results.map(({ mutant }) => mutant));
    return { results, left: mutants.map(({ name }) => name).filter((name) => !done.has(name)) };
  } finally {
    progress.clear();
  }
}
