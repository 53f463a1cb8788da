/** How a replay on real processes went, as text and as an exit code. */
import type { RealReplay } from '../lockstep/replay-real.ts';
import { count, hundredths } from '../scenario/wording.ts';
import { printable } from './escape.ts';
import { EXIT } from './exit-codes.ts';
import { type Evidence, exitCodeOfReplay } from './report.ts';
import type { TableOptions } from './table.ts';
import { wrap } from './wrap.ts';

const DEFAULT_WIDTH = 100;
const MOST_LINES = 12;
/** Of a value that differs. */
const LONGEST_VALUE = 300;

/** What real processes did, beside the timeline of the simulation. */
export function realText(evidence: Evidence, real: RealReplay, { colors, width }: TableOptions): string {
  const { bold, green, red, yellow } = colors;
  const color = real.agrees === null ? yellow : real.agrees ? green : red;
  const [headline = '', ...lines] = linesOf(evidence, real);
  return [bold(color(headline)), ...lines]
    .flatMap((line) => wrap(line, width ?? DEFAULT_WIDTH, { most: MOST_LINES }))
    .join('\n');
}

function linesOf(evidence: Evidence, real: RealReplay): string[] {
  const { agrees, reason, firstDifference, answersOnly, allowances, lacks } = real;
  const extent = `${count(real.processes, 'process', 'processes')}, ${count(real.comparisons, 'comparison')}, ${hundredths(real.seconds)} s`;
  if (agrees === null)
    return [`real processes: ${real.verdict}`, `  ${printable(reason ?? 'no reason is known')}`];
  const notes = [
    ...answersOnly.map((fault) => `only in answers to programs, not on the real machine: ${fault}`),
    ...Object.entries(allowances).map(
      ([what, times]) => `${times} ×, of no difference to a program: ${what}`,
    ),
    ...(lacks === null ? [] : [lacks]),
  ].map((note) => `  note: ${printable(note)}`);
  if (firstDifference !== null) {
    const { step, process, what, simulated, real: seen } = firstDifference;
    return [
      `real processes: another run from step ${step} on`,
      `  ${printable(process ?? 'the machine')}: ${printable(what)}`,
      `  simulated: ${shownValue(simulated)}`,
      `  real: ${shownValue(seen)}`,
      `  ${extent}`,
      ...notes,
    ];
  }
  return [`real processes: the same, ${real.verdict}`, `  ${extent}`, ...askedLine(evidence, real), ...notes];
}

function askedLine({ invariant }: Evidence, { asked }: RealReplay): string[] {
  if (asked === null) return [];
  return [
    `  the same message from "${printable(invariant ?? '')}" of the real files, listeners and process states`,
  ];
}

function shownValue(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? 'nothing');
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}

/** That of the replay, unless real processes did something else, or nothing. */
export function exitCodeOfReal(evidence: Evidence, { agrees }: RealReplay): number {
  if (agrees === null) return EXIT.inconclusive;
  return agrees ? exitCodeOfReplay(evidence) : EXIT.nondeterministic;
}
