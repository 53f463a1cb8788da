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
    ...holds,
  ].join('; ');
}

function claimSentence(claim: Segment): string {
  return claim.path === null ? 'there is no claim' : `the claim: ${segmentText(claim)}`;
}
