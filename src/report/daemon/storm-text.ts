/** The rounds of a storm as a table, and its worst round as a timeline. */
import type { Colors } from '../colors.ts';
import { printable } from '../escape.ts';
import { padEnd, widthOf, wrap } from '../wrap.ts';
import type { StormFacts, StormRound } from './report.ts';

const MOST_LINES = 90;
/** Where the text of a line of a timeline begins. */
const TIME_WIDTH = 12;

export function stormTable({ rounds }: StormFacts, { bold, dim, red, green }: Colors): string {
  const head = ['round', 'left', 'faults', 'owner again', 'seconds', ''];
  const rows = rounds.map((each) => [
    String(each.round),
    rangeOf(each),
    faultsOf(each),
    each.recoveredMs === null ? '' : `${(each.recoveredMs / 1000).toFixed(1)} s`,
    each.seconds.toFixed(1),
    each.violated.length === 0 ? '✓' : `✗ ${each.violated.join('; ')}`,
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => widthOf(row[at]!))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : padEnd(cell, widths[at]!)))
      .join('  ')
      .trimEnd();
  return [
    dim(line(head)),
    ...rows.map((row) => {
      const text = printable(line(row));
      return row.at(-1) === '✓' ? text.replace('✓', green('✓')) : text.replace('✗', bold(red('✗')));
    }),
  ].join('\n');
}

export function stormTimeline(
  { round, timeline }: NonNullable<StormFacts['worst']>,
  { colors: { dim, red }, width }: { readonly colors: Colors; readonly width: number },
): string {
  const cut = timeline.length - MOST_LINES;
  const half = Math.floor(MOST_LINES / 2);
  const shown =
    cut <= 0
      ? timeline
      : [...timeline.slice(0, half), `${' '.repeat(TIME_WIDTH)}… ${cut} more`, ...timeline.slice(-half)];
  const lines = shown.flatMap((text) => {
    const [first = '', ...more] = wrap(printable(text.trimStart()), width - 4, {
      indent: TIME_WIDTH,
      most: 3,
    });
    const indent = ' '.repeat(text.length - text.trimStart().length);
    return [`${indent}${text.includes('✗') ? red(first) : first}`, ...more];
  });
  return [dim(`what happened in round ${round}:`), ...lines].join('\n');
}

function rangeOf({ survivors }: StormRound): string {
  if (survivors === null) return '-';
  const { min, max } = survivors;
  return min === max ? String(min) : `${min} to ${max}`;
}

function faultsOf({ faults }: StormRound): string {
  const struck = Object.entries(faults).filter(([, n]) => n > 0);
  return struck.length === 0
    ? 'none'
    : struck.map(([name, n]) => (n === 1 ? name : `${n} ${name}`)).join(', ');
}
