import CliTable from 'cli-table3';
import type { Colors } from './colors.ts';
import { printable } from './escape.ts';
import { limitsOf } from './limits.ts';
import { count, whole } from './numbers.ts';
import { type CheckedScenario, type CheckReport, type Evidence, replayCommand } from './report.ts';
import { timeline } from './timeline.ts';
import { wrap } from './wrap.ts';

export interface TableOptions {
  readonly colors: Colors;
  readonly width?: number;
  /** Of a search of every schedule: it has executions instead of runs, and no seed; what limits it stands elsewhere. */
  readonly isExploration?: boolean;
}

export const DEFAULT_WIDTH = 100;

/** What a check is about to do: the seed and all else that one needs to do it again. */
export function heading(
  report: Omit<CheckReport, 'interrupted' | 'scenarios' | 'left'>,
  { colors }: TableOptions,
): string {
  const { version, node, seed, strategy, runs, budgetMs, shard } = report;
  const facts = [
    `seed ${seed}`,
    `strategy ${strategy}`,
    ...(runs === null ? [] : [`${count(runs, 'run')} per scenario`]),
    ...(budgetMs === null ? [] : [`${whole(budgetMs / 1000)} s in all`]),
    ...(shard === null ? [] : [`shard ${shard.index}/${shard.of}`]),
    `node ${node}`,
  ];
  return `${colors.bold(printable(`one-survivor ${version}`))}  ${colors.dim(printable(facts.join(' · ')))}`;
}

/** The report of a check: a table of scenarios, then each violation, its replay line last. */
export function table(report: CheckReport, options: TableOptions): string {
  const { scenarios, left, interrupted } = report;
  const parts: string[] = [];
  if (scenarios.length > 0) parts.push(summary(scenarios, options));
  // An expected violation is no news; but whoever asks for one scenario wants to see it.
  const alone = scenarios.length === 1;
  for (const scenario of scenarios) {
    if (scenario.reason !== null && !scenario.ok) parts.push(whyNot(scenario, options));
    if (scenario.ok && !alone) continue;
    for (const evidence of scenario.evidence) parts.push(violation(scenario, evidence, options));
  }
  for (const scenario of scenarios) {
    if (scenario.verdict === 'passed' && !scenario.ok) parts.push(notFound(scenario, options));
  }
  const width = options.width ?? DEFAULT_WIDTH;
  const noted = scenarios
    .map((scenario) => (scenario.ok && !alone ? scenario : withoutShown(scenario)))
    .flatMap(notesOf);
  if (noted.length > 0)
    parts.push(
      noted
        .flatMap((note) => wrap(note, width, { most: 6 }))
        .map(options.colors.yellow)
        .join('\n'),
    );
  if (!alone) parts.push(...foundAgain(scenarios, options));
  if (left.length > 0) parts.push(options.colors.dim(`not run: ${left.map(printable).join(', ')}`));
  const { colors, isExploration = false } = options;
  const limits = isExploration ? [] : limitsOf(scenarios, { colors, width });
  if (limits.length > 0) parts.push(limits.join('\n'));
  parts.push(conclusion(report, options));
  if (interrupted) parts.push(options.colors.yellow('interrupted: this is what is known so far'));
  return parts.join('\n\n');
}

function summary(
  scenarios: readonly CheckedScenario[],
  { colors, isExploration = false }: TableOptions,
): string {
  const { dim } = colors;
  const unit = isExploration ? 'executions' : 'runs';
  const rows = new CliTable({
    head: ['scenario', 'expects', 'verdict', unit, 'first violation', 'steps/s', 'seconds'].map((head) =>
      dim(head),
    ),
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right'],
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const scenario of scenarios) {
    const { id, expects, runs, steps, seconds } = scenario;
    rows.push([
      printable(id),
      expects,
      verdictOf(scenario, colors),
      whole(runs),
      isExploration ? executionOf(scenario) : firstViolationOf(scenario),
      seconds > 0 && steps > 0 ? whole(steps / seconds) : '',
      seconds.toFixed(2),
    ]);
  }
  return rows
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** When it was found. A recorded token is replayed before the first run. */
export function firstViolationOf({
  verdict,
  firstViolationAtRun,
}: Pick<CheckedScenario, 'verdict' | 'firstViolationAtRun'>): string {
  if (firstViolationAtRun !== null) return `run ${whole(firstViolationAtRun)}`;
  return verdict === 'violated' ? 'recorded' : '';
}

function executionOf({ firstViolationAtRun }: CheckedScenario): string {
  return firstViolationAtRun === null ? '' : `execution ${whole(firstViolationAtRun)}`;
}

function verdictOf({ verdict, ok, expects, error }: CheckedScenario, { green, red, yellow }: Colors): string {
  if (verdict === 'violated') return ok ? green('✓ violated, as expected') : red('✗ violated');
  if (verdict === 'passed') return expects === 'pass' ? green('✓ passed') : red('✗ not violated');
  if (error !== undefined) return red('! error');
  return yellow(verdict === 'inconclusive' ? '? inconclusive' : '≠ nondeterministic');
}

/** Why, how, and how to have it again. */
function violation(scenario: CheckedScenario, evidence: Evidence, options: TableOptions): string {
  const { colors, width = DEFAULT_WIDTH } = options;
  const { bold, red, green, dim } = colors;
  const { ok, violations, evidence: all } = scenario;
  const cost = violations[all.indexOf(evidence)];
  const size =
    cost === undefined
      ? ''
      : `in ${[
          count(cost.contenders, 'process', 'processes'),
          count(cost.faults, 'fault'),
          count(cost.switches, 'switch', 'switches'),
          count(cost.steps, 'step'),
        ].join(', ')}`;
  const mark = ok ? green('✓') : red('✗');
  const verb = ok ? 'is violated, as expected' : 'is violated';
  const verdict = `${mark} ${bold(printable(scenario.id))}: ${bold(printable(evidence.invariant ?? ''))} ${verb}`;
  const message = wrap(printable(evidence.message ?? ''), width - 2, { most: 6 });
  return [
    verdict,
    ...message.map((line) => `  ${line}`),
    ...(size === '' ? [] : [dim(`  ${size}`)]),
    '',
    timeline(evidence, { colors, width }),
    '',
    ...evidence.notes.flatMap((note) => [colors.yellow(`  note: ${printable(note)}`), '']),
    `  ${dim('again:')} ${bold(replayCommand(evidence.token, scenario.from, scenario.mutant))}`,
  ].join('\n');
}

/** Violations that are expected, in short: how to see them. */
function foundAgain(scenarios: readonly CheckedScenario[], { colors }: TableOptions): string[] {
  const found = scenarios.filter(({ ok, evidence }) => ok && evidence.length > 0);
  if (found.length === 0) return [];
  const lines = found.flatMap(({ id, from, evidence }) =>
    evidence.flatMap(({ invariant, token }) => [
      `  ${printable(id)}: ${printable(invariant ?? '')}`,
      `    ${replayCommand(token, from)}`,
    ]),
  );
  return [
    [colors.bold('Violations that are expected, and were found:'), ...lines.map(colors.dim)].join('\n'),
  ];
}

/** With a violation they are shown next to it. */
function notesOf({ id, notes = [] }: CheckedScenario): string[] {
  return notes.map((note) => `note: ${printable(`${id}: ${note}`)}`);
}

function whyNot(
  { id, verdict, reason, from, evidence, unstable, error }: CheckedScenario,
  { colors, width = DEFAULT_WIDTH }: TableOptions,
): string {
  const lines = wrap(printable(reason ?? ''), width - 2, { indent: 0, most: 12 }).map((line) => `  ${line}`);
  const again = evidence[0]?.token ?? unstable;
  const mark = error !== undefined ? '!' : verdict === 'inconclusive' ? '?' : '≠';
  const color = error === undefined ? colors.yellow : colors.red;
  return [
    color(`${mark} ${printable(id)}: ${error === undefined ? verdict : 'its check ended with an error'}`),
    ...lines,
    ...(error?.stack === undefined ? [] : inside(error.stack, colors)),
    ...(again === undefined ? [] : [`  ${colors.dim('again:')} ${replayCommand(again, from)}`]),
  ].join('\n');
}

/** No frame is of the user's: it may be a mistake of ours. */
function inside(stack: readonly string[], { dim }: Colors): string[] {
  return [
    '  The exception came from inside one-survivor. Please report it with these lines:',
    ...stack.map((line) => `    ${dim(printable(line))}`),
  ];
}

function notFound({ id, runs }: CheckedScenario, { colors, isExploration = false }: TableOptions): string {
  const where = isExploration ? 'in any schedule within the bounds below' : `in ${count(runs, 'run')}`;
  const more = isExploration
    ? 'let the scenario have more: starts, faults, time (settleMs), or explore further (--budget)'
    : 'search longer (--runs, --budget)';
  return [
    colors.red(`✗ ${printable(id)}: expects a violation, and none was found`),
    `  ${where}. If the bug is fixed, say so (expects: 'pass'); else ${more}.`,
  ].join('\n');
}

/** Notes of the report that are not shown with a violation. */
function withoutShown(scenario: CheckedScenario): CheckedScenario {
  const shown = new Set(scenario.evidence.flatMap(({ notes }) => notes));
  return { ...scenario, notes: scenario.notes?.filter((note) => !shown.has(note)) };
}

function conclusion(
  { scenarios, seed }: CheckReport,
  { colors, isExploration = false }: TableOptions,
): string {
  const { bold, green, red, dim } = colors;
  const bad = scenarios.filter(({ ok }) => !ok).length;
  const again = isExploration ? '' : dim(` · seed ${seed}`);
  if (scenarios.length === 0) return `${bold(red('nothing was checked'))}${again}`;
  const good = scenarios.length - bad;
  const line =
    bad === 0 ? green(`${count(good, 'scenario')} as expected`) : red(`${count(bad, 'scenario')} failed`);
  return `${bold(line)}${bad > 0 && good > 0 ? dim(`, ${whole(good)} as expected`) : ''}${again}`;
}

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/** A replay, as a page: what it was, what happened, and how it ended. */
export function replayed(evidence: Evidence, options: TableOptions): string {
  const { bold, dim, yellow } = options.colors;
  const { scenario, traceHash, notes } = evidence;
  return [
    `${bold(printable(scenario))}  ${dim(`trace ${traceHash}`)}`,
    ...notes.flatMap((note) =>
      wrap(`note: ${printable(note)}`, options.width ?? DEFAULT_WIDTH, { most: 12 }).map(yellow),
    ),
    '',
    timeline(evidence, options),
  ].join('\n');
}
