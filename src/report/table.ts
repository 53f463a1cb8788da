import CliTable from 'cli-table3';
import { count, whole } from '../scenario/wording.ts';
import type { Colors } from './colors.ts';
import { concludeOf, conclusionParts } from './conclusion.ts';
import { printable } from './escape.ts';
import { limitsOf } from './limits.ts';
import { type CheckedScenario, type CheckReport, type Evidence, replayCommand } from './report.ts';
import { timeline } from './timeline.ts';
import { wrap } from './wrap.ts';

export interface TableOptions {
  readonly colors: Colors;
  readonly width?: number;
  /** For an exhaustive search: it has executions instead of runs, no seed, and its own bounds. */
  readonly isExploration?: boolean;
}

export const DEFAULT_WIDTH = 100;

/** Printed before a check: the seed and everything else needed to repeat it. */
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

/** The report of a check: a table of scenarios, then each violation with its replay command. */
export function table(report: CheckReport, options: TableOptions): string {
  const { scenarios, left, interrupted } = report;
  const parts: string[] = [];
  if (scenarios.length > 0) parts.push(summary(scenarios, options));
  // Expected violations are not shown, unless only one scenario was checked.
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
  if (interrupted) parts.push(options.colors.yellow('interrupted: results so far'));
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

/** When the violation was found. Recorded tokens are replayed before the first run. */
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

/** A violation: why, how, and how to replay it. */
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

/** A summary of expected violations, with the commands to see them. */
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

/** Notes; those of a violation are shown next to it. */
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

/** Shown if no frame of the stack belongs to the user, so that it may be a bug in this package. */
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

/** Removes notes that are already shown with a violation. */
function withoutShown(scenario: CheckedScenario): CheckedScenario {
  const shown = new Set(scenario.evidence.flatMap(({ notes }) => notes));
  return { ...scenario, notes: scenario.notes?.filter((note) => !shown.has(note)) };
}

function conclusion(
  { scenarios, seed }: CheckReport,
  { colors, isExploration = false }: TableOptions,
): string {
  const { bold, green, red, yellow, dim } = colors;
  const again = isExploration ? '' : dim(` · seed ${seed}`);
  if (scenarios.length === 0) return `${bold(red('nothing was checked'))}${again}`;
  const counts = concludeOf(scenarios);
  const color = counts.failed > 0 ? red : counts.inconclusive > 0 ? yellow : green;
  const [most, ...others] = conclusionParts(counts);
  return `${bold(color(most))}${others.map((part) => dim(`, ${part}`)).join('')}${again}`;
}

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/** A replay as text: what was replayed, what happened, and how it ended. */
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
