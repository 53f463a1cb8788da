import { text } from 'node:stream/consumers';
import {
  criticalOf,
  type Replay,
  replay,
  runOfToken,
  type StopAt,
  withSourceLines,
} from '../../check/index.ts';
import { holdGuards } from '../../host/index.ts';
import { readCommand } from '../../project/commands.ts';
import {
  type Evidence,
  EXIT,
  evidenceOf,
  exitCodeOfReal,
  exitCodeOfReplay,
  realText,
  replayed,
} from '../../report/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { decodeToken } from '../../schedule/index.ts';
import { commandScenario } from '../../simulate/index.ts';
import { openInBrowser } from '../browser.ts';
import { readConfig } from '../config.ts';
import { viewerPage, WRITERS } from '../documents.ts';
import { UsageError } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { RUN_PAGE } from '../outputs.ts';
import { FORMATS, type Format } from '../parse.ts';
import { departureNote } from '../project-tokens.ts';
import { realPath } from '../real-path.ts';
import { loadFile, namedScenarios, refuseMissing, type Target, type Unusable } from '../scenarios.ts';
import { note, print, printText, styleOf } from '../terminal.ts';
import { writeDocument } from '../write-document.ts';
import { refuseReal, replayOnProcesses } from './replay-real.ts';

/** As given on the command line. */
export interface ReplayOptions {
  from?: string;
  mutant?: string;
  real?: boolean;
  json?: boolean;
  html?: string;
  open?: true;
  format?: Format;
  outputFile?: string;
  config?: string;
  breakAt?: StopAt;
}

/**
 * Replays a token, and prints its timeline or writes it in another format.
 *
 * @param signal ends a replay on real processes
 * @returns the exit code
 */
export async function replayAndPrint(
  word: string,
  given: ReplayOptions,
  signal?: AbortSignal,
): Promise<number> {
  const options = given.open && given.html === undefined ? { ...given, html: RUN_PAGE } : given;
  holdOn();
  // Until the process ends, since it does nothing else.
  holdGuards();
  const token = word === '-' ? (await text(process.stdin)).trim() : word;
  const format = formatOf(options);
  refuseSameFile(options);
  if (options.real) refuseReal(options);
  if (options.breakAt !== undefined) refuseDocuments(options);
  const find = await (options.mutant === undefined
    ? findFor(token, options)
    : findMutant(token, options.mutant, options));
  if (options.breakAt !== undefined) {
    const { stopAt } = await import('./break-at.ts');
    const { scenario, schedule } = runOfToken(token, find);
    return stopAt(options.breakAt, scenario, schedule);
  }
  const again = await withSourceLines(await replay(token, find));
  const evidence = await evidenceFor(token, again, options);
  if (options.html !== undefined) {
    const { from = null, mutant = null } = options;
    writeDocument(options.html, await viewerPage(again, evidence, { from, mutant }));
    print(process.stderr, `page: ${options.html}`);
    if (options.open) await openInBrowser(options.html);
  }
  const style = styleOf(process.stdout);
  if (format === null) printText(process.stdout, replayed(evidence, style));
  const real = options.real ? await replayOnProcesses(again, options, signal) : undefined;
  if (real === null) {
    print(process.stderr, 'real processes: interrupted; all of them were ended');
    return EXIT.interrupted;
  }
  if (format !== null) {
    const document = WRITERS[format](evidence, real);
    if (options.outputFile === undefined) print(process.stdout, document);
    else writeDocument(options.outputFile, document);
  } else if (real !== undefined) {
    printText(process.stdout, `\n${realText(evidence, real, style)}`);
  }
  return real === undefined ? exitCodeOfReplay(evidence) : exitCodeOfReal(evidence, real);
}

function refuseDocuments({ open, html, json, format, outputFile, real }: ReplayOptions): void {
  const names = {
    ...{ '--open': open, '--html': html, '--json': json, '--format': format },
    ...{ '--output-file': outputFile, '--real': real },
  };
  const [given] = Object.entries(names).find(([, value]) => value !== undefined) ?? [];
  if (given !== undefined)
    throw new UsageError(
      `--break-at stops in a debugger, in the simulation, and writes no document: omit ${given}`,
    );
}

function refuseSameFile({ html, outputFile }: ReplayOptions): void {
  if (html !== undefined && outputFile !== undefined && realPath(html) === realPath(outputFile))
    throw new UsageError(`--html and --output-file got the same file, ${outputFile}; give each its own file`);
}

async function evidenceFor(token: string, again: Replay, { from, mutant }: ReplayOptions): Promise<Evidence> {
  const evidence = evidenceOf(again, await criticalOf(again));
  const note = mutant === undefined ? await departureNote(process.cwd(), token, again, from) : null;
  return note === null ? evidence : { ...evidence, notes: [...evidence.notes, note] };
}

/** `null` for a timeline. */
function formatOf({ json, format, outputFile }: ReplayOptions): Format | null {
  if (json && format !== undefined && format !== 'json')
    throw new UsageError(`--json and --format ${format} are two documents: use only one`);
  const chosen = format ?? (json ? 'json' : null);
  if (chosen === null && outputFile !== undefined)
    throw new UsageError(`--output-file takes a document: name one with --format ${FORMATS.join(' or ')}`);
  return chosen;
}

/** Returns the scenario of an ID. */
type Find = (id: string) => Scenario | undefined;

async function findFor(token: string, { from, config }: ReplayOptions): Promise<Find> {
  const unusable: Unusable[] = [];
  const targets =
    from === undefined
      ? await namedScenarios(await readConfig(process.cwd(), { file: config, onNote: note }), unusable)
      : await loadFile(from);
  const find: Find = (id) =>
    targets.find(({ scenario }) => scenario.id === id)?.scenario ?? ofCommand(id, from);
  const { scenario: wanted } = decodeToken(token);
  // A token of `explore` has its bounds after the ID.
  const [id = ''] = wanted.split('+');
  if (find(wanted) === undefined && find(id) === undefined) {
    // The scenario may be in the file that cannot be loaded.
    if (unusable[0] !== undefined) throw unusable[0].error;
    await refuseUnknown(id, from, targets);
  }
  return find;
}

/** The scenario of a command that `simulate` has checked in this folder. */
function ofCommand(id: string, from: string | undefined): Scenario | undefined {
  if (from !== undefined || !id.startsWith('simulate/')) return undefined;
  const command = readCommand(process.cwd(), id);
  return command === null ? undefined : commandScenario(command);
}

async function refuseUnknown(
  id: string,
  from: string | undefined,
  targets: readonly Target[],
): Promise<never> {
  await refuseMissing((missing) => missing === id);
  const where =
    from === undefined
      ? id.startsWith('simulate/')
        ? 'Run simulate with the same command again, in this folder, or name the file that it has written with --from FILE'
        : 'Name the file that exports it with --from FILE, or in one-survivor.config.mjs, or put it in races/'
      : `${from} exports ${targets.map(({ scenario }) => scenario.id).join(', ')}`;
  throw new UsageError(
    `the token is of the scenario ${JSON.stringify(id)}, which is not among those known here. ${where}`,
  );
}

async function findMutant(token: string, name: string, { from }: ReplayOptions): Promise<Find> {
  if (from !== undefined)
    throw new UsageError('--mutant requires a token of a built-in scenario: omit --from');
  const { mutantOf, scenarioOf } = await import('../mutant-names.ts');
  const mutant = mutantOf(name);
  // A token of `explore` has its bounds after the ID.
  const [id = ''] = decodeToken(token).scenario.split('+');
  const scenario = await scenarioOf(mutant, id);
  return (wanted) => (wanted === id ? scenario : undefined);
}
