import type { Bounds } from '../check/index.ts';
import { printable } from './escape.ts';
import { checkJson } from './json.ts';
import { count, whole } from './numbers.ts';
import { type CheckReport, exitCodeOf } from './report.ts';
import { type TableOptions, table } from './table.ts';

/** What a search of every schedule adds to the report of a check. Plain data. */
export interface Exploration {
  readonly complete: boolean;
  readonly executions: number;
  readonly states: number;
  readonly edges: number;
  /** Real. */
  readonly seconds: number;
  readonly stateBytes: number;
  /** How many sequences of results programs have learned; 0: they were executed again each time. */
  readonly histories: number;
  readonly bounds: ExplorationBounds;
  /** What was taken for granted, and no operation has contradicted. */
  readonly assumptions: readonly string[];
}

export interface ExplorationBounds extends Bounds {
  /** Null: as many as there are. */
  readonly preemptions: number | null;
}

/** As that of a check, with what was searched. */
export function explorationJson(report: CheckReport, exploration: Exploration): string {
  const document = JSON.parse(checkJson(report)) as { scenarios: object[] };
  const { seconds: _, ...rest } = exploration;
  const scenarios = document.scenarios.map((scenario) => ({ ...scenario, ...rest }));
  return `${JSON.stringify({ ...document, ...rest, scenarios }, null, 2)}`;
}

/** The table of a check, and what was searched. */
export function explored(report: CheckReport, exploration: Exploration, options: TableOptions): string {
  const { complete, executions, states, edges, seconds, stateBytes, histories, bounds, assumptions } =
    exploration;
  const { green, yellow, dim, bold } = options.colors;
  const rate = seconds > 0 ? ` · ${whole(edges / seconds)} edges/s` : '';
  const notes = report.scenarios[0]?.ok ? report.scenarios[0].reason : null;
  const lines = [
    `${complete ? green(bold('complete')) : yellow(bold('not complete'))}  ${count(states, 'state')} · ${count(edges, 'edge')} · ${count(executions, 'execution')}${dim(`${rate} · ${whole(stateBytes / 1024)} KiB of states${histories > 0 ? ` · ${count(histories, 'history', 'histories')}` : ''}`)}`,
    `${dim('bounds  ')} ${describeBounds(bounds).join(' · ')}`,
    ...(notes === null ? [] : [`${dim('note    ')} ${printable(notes)}`]),
    ...(assumptions.length === 0 ? [] : [`${dim('assumed ')} ${assumptions.join('; ')}`]),
  ];
  const parts =
    exitCodeOf(report) === 0 && report.scenarios[0]?.violations.length === 0 ? [] : [table(report, options)];
  return [...parts, lines.join('\n')].join('\n\n');
}

function describeBounds({
  contenders,
  crashes,
  stops,
  losses,
  busyMs,
  preemptions,
}: ExplorationBounds): string[] {
  return [
    count(contenders, 'contender'),
    count(crashes, 'crash', 'crashes'),
    count(stops, 'stop'),
    count(losses, 'lost file'),
    preemptions === null ? 'any number of preemptions' : `at most ${count(preemptions, 'preemption')}`,
    busyMs === 0 ? 'operations take no time' : `up to ${whole(busyMs)} ms pass while somebody could go on`,
  ];
}
