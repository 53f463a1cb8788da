/** The report of an exhaustive search, as text and as JSON. */
import type { RunBounds } from '../scenario/index.ts';
import { count, whole } from '../scenario/wording.ts';
import { printable } from './escape.ts';
import { checkJson, toJson } from './json.ts';
import { type CheckReport, exitCodeOf } from './report.ts';
import { DEFAULT_WIDTH, type TableOptions, table } from './table.ts';
import { wrap } from './wrap.ts';

/** What an exhaustive search adds to the report of a check. Plain data. */
export interface Exploration {
  /** Whether every schedule within the bounds was tried. */
  readonly complete: boolean;
  readonly executions: number;
  readonly states: number;
  readonly edges: number;
  /** Real time. */
  readonly seconds: number;
  readonly stateBytes: number;
  /** How many histories (sequences of results) of programs were remembered; 0 if programs were executed again each time. */
  readonly histories: number;
  readonly bounds: ExplorationBounds;
  /** The size of the scenario, for comparison with the bounds. */
  readonly has: Extent;
  /** The explored levels, in order. The figures above are those of one level. */
  readonly levels: readonly ExploredLevel[];
  readonly omitted: readonly string[];
  /** Assumptions that no operation has contradicted. */
  readonly assumed: readonly string[];
}

export interface Extent {
  readonly contenders: number;
  /** The maximum of each fault per run. */
  readonly faults: Readonly<Record<string, number>>;
}

export interface ExplorationBounds extends RunBounds {
  readonly contenders: number;
  /** `null` if only limited by the maximum of each fault. */
  readonly faultsInAll: number | null;
  /** `null` for any number. */
  readonly preemptions: number | null;
}

export interface LevelExtent extends Extent {
  readonly faultsInAll: number;
  readonly preemptions: number | null;
  readonly busyMs: number;
}

export interface ExploredLevel extends LevelExtent {
  readonly complete: boolean;
  readonly states: number;
  readonly edges: number;
  readonly executions: number;
  readonly seconds: number;
}

/** The JSON of a check, with what was searched. */
export function explorationJson(report: CheckReport, exploration: Exploration): string {
  const document = JSON.parse(checkJson(report)) as { scenarios: object[] };
  const { seconds: _, bounds, ...rest } = exploration;
  const { kill: crashes = 0, stop: stops = 0, 'lose-state': losses = 0 } = bounds.faults;
  const added = { ...rest, bounds: { ...bounds, crashes, stops, losses } };
  const scenarios = document.scenarios.map((scenario) => ({ ...scenario, ...added }));
  return toJson({ ...document, ...added, seed: null, scenarios });
}

/** The table of a check, with what was searched. */
export function explored(report: CheckReport, exploration: Exploration, options: TableOptions): string {
  const { complete, executions, states, edges, seconds, stateBytes, histories } = exploration;
  const { omitted, assumed } = exploration;
  const { green, yellow, dim, bold } = options.colors;
  const rate = seconds > 0 ? ` · ${whole(edges / seconds)} edges/s` : '';
  const [scenario] = report.scenarios;
  const note = scenario?.verdict === 'passed' ? scenario.reason : null;
  const also = smallerLevels(exploration);
  const parts =
    exitCodeOf(report) === 0 && scenario?.violations.length === 0
      ? []
      : [table(report, { ...options, isExploration: true })];
  const isDecided = scenario?.verdict === 'violated' || scenario?.verdict === 'nondeterministic';
  const width = options.width ?? DEFAULT_WIDTH;
  const wrapped = (label: string, text: string): string[] =>
    text === ''
      ? []
      : wrap(printable(text), width - label.length - 1, { indent: 0, most: 20 }).map(
          (line, i) => `${dim(i === 0 ? label : ' '.repeat(label.length))} ${line}`,
        );
  const lines = [
    ...(parts.length === 0
      ? [`${green('✓')} ${bold(printable(scenario?.id.split('+')[0] ?? ''))}: ${scenario?.verdict}`]
      : []),
    `${complete ? green(bold('complete')) : yellow(bold('not complete'))}${isDecided ? dim(' (ended by what it found)') : ''}  ${count(states, 'state')} · ${count(edges, 'edge')} · ${count(executions, 'execution')}${dim(`${rate} · ${whole(stateBytes / 1024)} KiB of states${histories > 0 ? ` · ${count(histories, 'history', 'histories')}` : ''}`)}`,
    `${dim('bounds  ')} ${describeBounds(exploration).join(' · ')}`,
    ...also.map((level) => `${dim('also    ')} ${level}`),
    ...(note === null ? [] : [`${dim('note    ')} ${printable(note)}`]),
    ...wrapped('omitted ', omitted.join('; ')),
    ...wrapped('assumed ', assumed.join('; ')),
  ];
  return [...parts, lines.join('\n')].join('\n\n');
}

/** A short description of a level. */
export function describeLevel({ faultsInAll, preemptions, busyMs }: LevelExtent): string {
  return [
    faultsInAll === 0 ? 'no faults' : `at most ${count(faultsInAll, 'fault')}`,
    describePreemptions(preemptions),
    ...(busyMs === 0 ? [] : [describeBusy(busyMs)]),
  ].join(' · ');
}

function describeBounds({ bounds, has }: Exploration): string[] {
  const { contenders, preemptions, busyMs, busyUntilMs, operationUs, endsAtMs, unawaitedSleepMs } = bounds;
  return [
    `${ofAll(contenders, has.contenders)} ${has.contenders === 1 ? 'contender' : 'contenders'}`,
    describeFaults(bounds, has),
    describePreemptions(preemptions),
    operationUs === 0 ? 'operations take no time' : `an operation takes ${whole(operationUs)} µs`,
    ...(busyMs === 0 ? [] : [`${describeBusy(busyMs)}, in the first ${seconds(busyUntilMs)}`]),
    `runs end after ${seconds(endsAtMs)} of simulated time`,
    ...(unawaitedSleepMs === undefined
      ? []
      : [`a sleep of ${seconds(unawaitedSleepMs)} was not waited for: raise settleMs`]),
  ];
}

function describeFaults({ faults, faultsInAll }: ExplorationBounds, has: Extent): string {
  const names = [...new Set([...Object.keys(has.faults), ...Object.keys(faults)])];
  if (names.length === 0) return 'no faults';
  const parts = names.map((name) => `${ofAll(faults[name] ?? 0, has.faults[name] ?? 0)} ${name}`);
  const inAll = faultsInAll === null ? '' : `${count(faultsInAll, 'fault')} of `;
  return `at most ${inAll}${parts.join(', ')} in a run`;
}

function describePreemptions(preemptions: number | null): string {
  if (preemptions === 0) return 'no preemptions';
  return preemptions === null ? 'any number of preemptions' : `at most ${count(preemptions, 'preemption')}`;
}

function describeBusy(busyMs: number): string {
  return `up to ${whole(busyMs)} ms pass while a process could run`;
}

/** `2 of 4`, or `4` if it is all. */
function ofAll(n: number, all: number): string {
  return n < all ? `${whole(n)} of ${whole(all)}` : whole(n);
}

/** The completed levels that neither the bounds nor another of these levels contain. */
function smallerLevels({ complete, levels, bounds }: Exploration): string[] {
  if (!complete) return [];
  const { faults, faultsInAll, preemptions, busyMs } = bounds;
  const sum = Object.values(faults).reduce((total, most) => total + most, 0);
  const largest = { contenders: 0, faults, faultsInAll: faultsInAll ?? sum, preemptions, busyMs };
  const completed = levels.filter((level) => level.complete);
  return completed
    .filter((level) => !contains(largest, level))
    .filter((level) => !completed.some((other) => other !== level && contains(other, level)))
    .map(describeLevel);
}

function contains(larger: LevelExtent, smaller: LevelExtent): boolean {
  const { POSITIVE_INFINITY: any } = Number;
  return (
    larger.faultsInAll >= smaller.faultsInAll &&
    (larger.preemptions ?? any) >= (smaller.preemptions ?? any) &&
    larger.busyMs >= smaller.busyMs &&
    Object.entries(smaller.faults).every(([name, most]) => (larger.faults[name] ?? 0) >= most)
  );
}

function seconds(ms: number): string {
  const n = ms / 1_000;
  return `${Number.isInteger(n) ? whole(n) : n.toFixed(1)} s`;
}
