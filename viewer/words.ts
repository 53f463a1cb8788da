import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore, type Segment } from './lane.ts';

export const PLACES = ['①', '②'] as const;

export function ms(atMs: number): string {
  return atMs.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

export function whole(n: number): string {
  return n.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** A duration as people say it: `0.02 ms`, `300 ms`, `2.1 s`, `29 s`, `2 min 11 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${Number(milliseconds.toFixed(2))} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const rounded = Math.round(seconds);
  const minutes = Math.floor(rounded / 60);
  const parts =
    minutes < 60 ? [minutes, 'min', rounded % 60, 's'] : [Math.floor(minutes / 60), 'h', minutes % 60, 'min'];
  return parts[2] === 0 ? parts.slice(0, 2).join(' ') : parts.join(' ');
}

/** The text of a file. Keeps lines; direction overrides cannot affect the text around it. */
export function fileText(text: string | null): string {
  if (text === null) return 'an empty directory';
  if (text === '') return 'empty';
  return text.split(/\r?\n/).map(printable).join('\n');
}

/** On one line. */
export function segmentText({ path, text }: Segment): string {
  if (path === null) return '—';
  const name = path.slice(path.lastIndexOf('/') + 1);
  // In a group of numbered files, the name of the file.
  const which = /\d/.test(name) ? `${printable(name)}: ` : '';
  if (text === null) return `${which}a directory`;
  return `${which}${text === '' ? 'empty' : printable(text.slice(0, 300))}`;
}

/** How long the operation took that begins or ends with a row; `null` if it did not take longer than its step. */
export function spanWords({ spans, rows }: PageTrace, at: number): string | null {
  const { span } = rows[at]!;
  if (span === undefined) return null;
  const { from, end, fromMs, kind } = spans[span]!;
  if (end === null) return 'it has not ended when the run does';
  const took = duration(rows[end]!.atMs - fromMs);
  if (kind === 'sleep') return null;
  const [sent, ends] = kind === 'request' ? ['sent', 'answered'] : ['begun', 'ended'];
  return at === end && from !== at
    ? `${sent} in step ${whole(rows[from]!.step)}, took ${took}`
    : `${ends} in step ${whole(rows[end]!.step)}, after ${took}`;
}

/** Why a row is marked, for screen readers. */
export function signsOf(trace: PageTrace, row: number): string[] {
  const place = trace.pair.indexOf(row);
  return [
    ...(place < 0 ? [] : [`${PLACES[place]!} of the two events whose order decides`]),
    ...(trace.broken === row ? [`${brokenWord(trace)}: ${printable(trace.invariant ?? '')}`] : []),
  ];
}

export function brokenWord({ kind }: PageTrace): string {
  return kind === 'always' ? '✗ violated here' : '✗ not true at the end';
}

/** A row in one sentence, with the new content of the claim if it changes. */
export function sentence(trace: PageTrace, at: number, lane: readonly Segment[]): string {
  const row = trace.rows[at]!;
  const to = row.to === null ? [] : [`to ${printable(trace.actors[row.to]!.name)}`];
  const claim = lane[lastAtOrBefore(lane, at, (each) => each.row)];
  const holds = claim?.row === at ? [claimSentence(claim)] : [];
  return [
    `step ${whole(row.step)}, ${ms(row.atMs)} ms, ${printable(trace.actors[row.actor]!.name)}: ${row.text}`,
    ...to,
    ...signsOf(trace, at),
    ...[spanWords(trace, at)].filter((words) => words !== null),
    ...holds,
  ].join('; ');
}

function claimSentence(claim: Segment): string {
  return claim.path === null ? 'there is no claim' : `the claim: ${segmentText(claim)}`;
}
