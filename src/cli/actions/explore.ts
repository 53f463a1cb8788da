import { replay, withSourceLinesOfAll } from '../../check/index.ts';
import { exploreLevels, type LevelsOptions, type LevelsReport, ScheduleTree } from '../../explore/index.ts';
import { holdGuards } from '../../host/index.ts';
import {
  type CheckReport,
  describeLevel,
  type Evidence,
  EXIT,
  type Exploration,
  evidenceOf,
  exitCodeOf,
  explorationJson,
  explored,
} from '../../report/index.ts';
import type { Scenario } from '../../scenario/index.ts';
import { openInBrowser } from '../browser.ts';
import { readConfig } from '../config.ts';
import { treePage } from '../documents.ts';
import { UsageError } from '../errors.ts';
import { holdOn } from '../exit.ts';
import { TREE_PAGE } from '../outputs.ts';
import { ProgressLine } from '../progress.ts';
import { selectScenarios, type Target, wordOf } from '../scenarios.ts';
import { note, print, printText, styleOf } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { writeDocument } from '../write-document.ts';

/** As given on the command line. */
export interface ExploreOptions {
  contenders?: number;
  crashes?: number;
  stops?: number;
  losses?: number;
  faults?: number;
  busy?: number;
  preemptions?: number;
  mutant?: string;
  maxStates: number;
  allOrders?: boolean;
  allowOmitted?: true;
  budget: number;
  json?: boolean;
  html?: string;
  open?: true;
  config?: string;
  quiet?: boolean;
}

/** Explores a scenario level by level, and prints the result. @returns the exit code */
export async function exploreAndPrint(
  word: string,
  given: ExploreOptions,
  signal: AbortSignal,
): Promise<number> {
  const options = given.open && given.html === undefined ? { ...given, html: TREE_PAGE } : given;
  holdOn();
  // Until the process ends, since it does nothing else.
  holdGuards();
  const target = await selectOne(word, options);
  if (options.mutant === undefined) return exploreOne(target, options, signal);
  const { mutantOf, scenarioOf } = await import('../mutant-names.ts');
  const scenario = await scenarioOf(mutantOf(options.mutant), target.scenario.id);
  return exploreOne({ ...target, scenario }, options, signal);
}

async function selectOne(word: string, { config: file, quiet }: ExploreOptions): Promise<Target> {
  const onNote = quiet ? () => {} : note;
  const targets = await selectScenarios([word], await readConfig(process.cwd(), { file, onNote }), {
    onNote,
  });
  if (targets.length === 1) return targets[0]!;
  const words = targets.map(wordOf).join(', ');
  throw new UsageError(
    `${JSON.stringify(word)} names ${targets.length} scenarios; accepted: one of ${words}`,
  );
}

async function exploreOne(
  { scenario, from, url }: Target,
  options: ExploreOptions,
  signal: AbortSignal,
): Promise<number> {
  const progress = new ProgressLine(process.stderr, { quiet: options.quiet });
  progress.begin(scenario.id);
  const trees: ScheduleTree[] = [];
  let now = '';
  const found = await exploreLevels(scenario, {
    ...settingsOf(options),
    isolation: { url },
    signal,
    onLevel: (level) => {
      now = describeLevel(level);
      return options.html === undefined ? undefined : trees[trees.push(new ScheduleTree()) - 1];
    },
    onProgress: ({ id, executions, states }) =>
      progress.tell(`${id}  ${now}  ${executions} executions  ${states} states`),
  });
  progress.clear();
  const find = (id: string): Scenario | undefined => (id === scenario.id ? scenario : undefined);
  const replays = await withSourceLinesOfAll(
    await Promise.all(found.violations.map(({ token }) => replay(token, find))),
  );
  const report: CheckReport = {
    ...{ version: VERSION, node: process.version, seed: 0, strategy: 'explore', runs: null },
    ...{ budgetMs: options.budget, shard: null, interrupted: signal.aborted, left: [] },
    allowOmitted: options.allowOmitted ?? false,
    scenarios: [
      {
        ...found,
        from,
        mutant: options.mutant,
        evidence: replays
          .map((each, i) => evidenceOf(each, found.violations[i]!.critical, found.violations[i]!.cutShort))
          .map((evidence) => ({ ...evidence, notes: [...evidence.notes, ...notesOf(evidence, found)] })),
      },
    ],
  };
  const { complete, executions, states, edges, seconds, stateBytes, histories } = found;
  const { bounds, has, levels, omitted, assumed, largest } = found;
  const exploration: Exploration = {
    ...{ complete, executions, states, edges, stateBytes, histories },
    // The figures are those of the reported level.
    seconds: levels[largest]?.seconds ?? seconds,
    ...{ bounds, has, levels, omitted, assumed },
  };
  const tree = trees[largest];
  if (options.html !== undefined && tree !== undefined) {
    writeDocument(options.html, treePage(report, exploration, tree));
    if (!options.quiet) print(process.stderr, `page: ${options.html}`);
    if (options.open) await openInBrowser(options.html);
  }
  const code = exitCodeOf(report);
  if (options.json) print(process.stdout, explorationJson(report, exploration));
  else if (!options.quiet || code !== EXIT.ok)
    printText(process.stdout, explored(report, exploration, styleOf(process.stdout)));
  return code;
}

/** A liveness violation may be caused by processes that were left out. */
function notesOf({ kind, invariant }: Evidence, { bounds, has }: LevelsReport): string[] {
  const fewer = has.contenders - bounds.contenders;
  if (kind !== 'eventually' || invariant === null || fewer <= 0) return [];
  return [
    `--contenders left out ${fewer} of the ${has.contenders} processes that the scenario starts, and this may depend on them`,
  ];
}

/** Only the options that were given. */
function settingsOf(options: ExploreOptions): LevelsOptions {
  const { contenders, crashes, stops, losses, faults, preemptions, busy } = options;
  const counts = { kill: crashes, stop: stops, 'lose-state': losses };
  const asked = Object.entries(counts).filter(([, most]) => most !== undefined);
  return {
    budgetMs: options.budget,
    maxStates: options.maxStates,
    ...(options.allOrders && { reduceOrders: false }),
    allowOmitted: options.allowOmitted ?? false,
    ...(asked.length > 0 && { faultCounts: Object.fromEntries(asked) }),
    ...(contenders !== undefined && { contenders }),
    ...(faults !== undefined && { faults }),
    ...(preemptions !== undefined && { preemptions }),
    ...(busy !== undefined && { busyMs: busy }),
  };
}
