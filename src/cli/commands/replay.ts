import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { criticalOf, replay } from '../../check/index.ts';
import { makeFolder, PatchedModules, scenarioWithout } from '../../mutation/index.ts';
import { evidenceOf, exitCodeOfReplay, replayed } from '../../report/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { decodeToken } from '../../schedule/index.ts';
import { readConfig } from '../config.ts';
import { FORMATS, type Format, parseFormat, viewerPage, writeDocument } from '../documents.ts';
import { UsageError } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { guardOf } from '../guards.ts';
import { loadFile, namedScenarios, refuseMissing, type Target } from '../scenarios.ts';
import { print, printText, styleOf } from '../terminal.ts';

interface Options {
  from?: string;
  mutant?: string;
  json?: boolean;
  html?: string;
  format?: Format;
  outputFile?: string;
}

export function addReplay(program: Command, exit: (code: number) => void): void {
  program
    .command('replay')
    .description(
      'replay a run and print its timeline; exit code 1 if it violates an invariant, expected or not',
    )
    .argument('<TOKEN>', 'as printed by check; - reads it from stdin')
    .option('--from <FILE>', 'the .js, .mjs or .ts file that exports the scenario')
    .option('--mutant <GUARD>', 'remove this guard of our own protocol, as printed by mutants')
    .option('--json', 'one JSON document on stdout')
    .option(
      '--format <NAME>',
      'instead of the timeline: json, mermaid or perfetto (Chrome trace events)',
      parseFormat,
    )
    .option('--output-file <FILE>', 'write it to this file instead of stdout')
    .option('--html <FILE>', 'write a page to step through the run, next to a passing run')
    .action(async (word: string, options: Options) => {
      holdOn();
      exit(await run(word, options));
    });
}

async function run(word: string, options: Options): Promise<number> {
  const token = word === '-' ? (await text(process.stdin)).trim() : word;
  const format = formatOf(options);
  const again = await (options.mutant === undefined
    ? replayFound(token, options)
    : replayMutant(token, options.mutant, options));
  const evidence = evidenceOf(again, await criticalOf(again));
  if (options.html !== undefined) {
    const { from = null, mutant = null } = options;
    writeDocument(options.html, await viewerPage(again, evidence, { from, mutant }));
    print(process.stderr, `page: ${options.html}`);
  }
  if (format === null) printText(process.stdout, replayed(evidence, styleOf(process.stdout)));
  else if (options.outputFile === undefined) print(process.stdout, FORMATS[format](evidence));
  else writeDocument(options.outputFile, FORMATS[format](evidence));
  return exitCodeOfReplay(evidence);
}

/** Null: a timeline. */
function formatOf({ json, format, outputFile }: Options): Format | null {
  if (json && format !== undefined && format !== 'json')
    throw new UsageError(`--json and --format ${format} are two documents: leave one out`);
  const chosen = format ?? (json ? 'json' : null);
  if (chosen === null && outputFile !== undefined)
    throw new UsageError(
      `--output-file takes a document: name one with --format ${Object.keys(FORMATS).join(' or ')}`,
    );
  return chosen;
}

async function replayFound(token: string, { from }: Options): ReturnType<typeof replay> {
  const targets =
    from === undefined ? await namedScenarios(await readConfig(process.cwd())) : await loadFile(from);
  const find = (id: string): Scenario | undefined =>
    targets.find(({ scenario }) => scenario.id === id)?.scenario;
  const { scenario: wanted } = decodeToken(token);
  // A token of `explore` names its bounds after the id.
  const [id = ''] = wanted.split('+');
  if (find(wanted) === undefined && find(id) === undefined) refuseUnknown(id, from, targets);
  return replay(token, find);
}

function refuseUnknown(id: string, from: string | undefined, targets: readonly Target[]): never {
  refuseMissing((missing) => missing === id);
  const where =
    from === undefined
      ? 'Name the file that exports it with --from FILE, or in one-survivor.config.mjs'
      : `${from} exports ${targets.map(({ scenario }) => scenario.id).join(', ')}`;
  throw new UsageError(
    `the token is of the scenario ${JSON.stringify(id)}, which is not among those known here. ${where}`,
  );
}

async function replayMutant(token: string, name: string, { from }: Options): ReturnType<typeof replay> {
  if (from !== undefined)
    throw new UsageError('--mutant takes a token of a built-in scenario: leave --from out');
  const guard = guardOf(name);
  // A token of `explore` names its bounds after the id.
  const [id = ''] = decodeToken(token).scenario.split('+');
  const folder = makeFolder();
  try {
    const mutant: Scenario = await scenarioWithout(guard, id, new PatchedModules(folder.path));
    return await replay(token, (wanted) => (wanted === id ? mutant : undefined));
  } finally {
    folder.remove();
  }
}
