/** The report of `simulate` and `storm` as text. */
import { count } from '../../scenario/wording.ts';
import type { Colors } from '../colors.ts';
import { printable } from '../escape.ts';
import { timeline } from '../timeline.ts';
import { wrap } from '../wrap.ts';
import type { DaemonDetails, DaemonReport, DaemonViolation } from './report.ts';
import { stormTable, stormTimeline } from './storm-text.ts';

const LABEL_WIDTH = 11;

export interface DaemonTextOptions {
  readonly colors: Colors;
  readonly width: number;
}

export function daemonText(
  report: DaemonReport,
  { evidence, size, again }: DaemonDetails,
  { colors, width }: DaemonTextOptions,
): string {
  const { bold, dim } = colors;
  const { by, version, node, seed, command, violations, written, storm } = report;
  const line = (label: string, text: string): string[] =>
    text === ''
      ? []
      : wrap(printable(text), width - LABEL_WIDTH, { indent: 0, most: 12 }).map(
          (part, i) => `${dim((i === 0 ? label : '').padEnd(LABEL_WIDTH))}${part}`,
        );
  const facts = [
    ...line('command', command.join(' ')),
    ...line('starts', startsOf(report)),
    ...line('owner', ownerOf(report)),
    ...line('isolation', storm === null ? '' : [storm.isolation, ...storm.notIsolated].join('; not: ')),
  ];
  const shown = violations.flatMap((violation) => violationLines(violation, size, { colors, width }));
  const limits = [
    ...line('left', survivorsOf(report)),
    ...line('judged', judgedOf(report)),
    ...line('not judged', report.notJudged.join('; ')),
    ...line('assumed', report.assumed.join('; ')),
    ...line('not exact', report.approximated.join('; ')),
    ...line('refused', report.refused.join('; ')),
    ...report.notes.flatMap((note) => line('note', note)),
  ];
  return [
    `${bold(printable(`one-survivor ${version}`))}  ${dim(`${by} · seed ${seed} · node ${node}`)}`,
    facts.join('\n'),
    ...(storm === null || storm.rounds.length === 0 ? [] : [stormTable(storm, colors)]),
    ...(shown.length === 0 ? [] : [shown.join('\n')]),
    ...(storm === null || storm.worst === null || shown.length === 0
      ? []
      : [stormTimeline(storm.worst, { colors, width })]),
    ...(evidence === null ? [] : [timeline(evidence, { colors, width })]),
    limits.join('\n'),
    ...(again === null && written === null
      ? []
      : [
          [
            ...(again === null ? [] : [`${dim('again:')} ${bold(again)}`]),
            ...(written === null ? [] : [`${dim('written:')} ${bold(printable(written))}`]),
          ].join('\n'),
        ]),
    conclusionOf(report, colors),
  ].join('\n\n');
}

function startsOf({ starts, by }: DaemonReport): string {
  const last = starts === 1 ? 'one more' : '2 more at once';
  const later =
    by === 'simulate'
      ? `, one more a second later, and ${last} when the faults are over`
      : ', and more after each fault';
  return `${starts} at once${later}`;
}

function ownerOf({ owner }: DaemonReport): string {
  if (owner === null)
    return 'not known: of each start, it neither listens on the same address nor writes its PID into the same file (--owner says how it is known)';
  return `${owner.known}, ${owner.from}`;
}

function violationLines(
  { invariant, detail, round }: DaemonViolation,
  size: string | null,
  { colors, width }: DaemonTextOptions,
): string[] {
  const { red, bold, dim } = colors;
  return [
    `${red('✗')} ${bold(printable(invariant))} ${bold('is violated')}`,
    ...wrap(printable(detail), width - 2, { most: 6 }).map((part) => `  ${part}`),
    dim(`  ${size === null ? '' : `${size}; `}first in round ${round}`),
  ];
}

function survivorsOf({ survivors, expect, rounds, faults }: DaemonReport): string {
  if (survivors === null) return '';
  const { min, max } = survivors;
  const struck = Object.entries(faults)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${n} ${name}`);
  const range = min === max ? `${min}` : `${min} to ${max}`;
  const after = struck.length === 0 ? '' : `; faults: ${struck.join(', ')}`;
  return `${range} of the processes, in ${count(rounds, 'round')}; expected ${expect}${after}`;
}

function judgedOf({ judged, rounds }: DaemonReport): string {
  return judged
    .map((each) =>
      each.rounds === rounds
        ? each.invariant
        : `${each.invariant} (in ${each.rounds === 0 ? 'no round' : count(each.rounds, 'round')} ${each.requires})`,
    )
    .join('; ');
}

function conclusionOf({ verdict, reason, seconds, rounds }: DaemonReport, colors: Colors): string {
  const { bold, dim, red, green, yellow } = colors;
  const paint = verdict === 'passed' ? green : verdict === 'violated' ? red : yellow;
  const what = reason === null ? '' : `: ${printable(reason)}`;
  return `${bold(paint(`${verdict}${what}`))} ${dim(`· ${count(rounds, 'round')}, ${seconds.toFixed(1)} s`)}`;
}
