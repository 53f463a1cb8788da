import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore, type Segment } from './lane.ts';
import { brokenWord, fileText, ms, PLACES, segmentText, sentence, whole } from './words.ts';

/** In pixels. All rows have the same height, so that positions can be computed without measuring. */
export const ROW_HEIGHT = 26;
/** A gap of at least this many simulated milliseconds is marked at the time. */
const GAP_MS = 10;

export interface RowContext {
  readonly id: string;
  readonly trace: PageTrace;
  readonly lane: readonly Segment[];
  readonly selected: number;
  readonly select: (row: number) => void;
}

/** @param isTop whether it is the first visible row, which repeats what started above it */
export function rowView(
  { id, trace, lane, selected, select }: RowContext,
  at: number,
  isTop: boolean,
): TemplateResult {
  const { actors, rows, broken, pair } = trace;
  const row = rows[at]!;
  const gapMs = row.atMs - (rows[at - 1]?.atMs ?? 0);
  const place = pair.indexOf(at);
  const signs = [
    'row',
    ...(at === selected ? ['selected'] : []),
    ...(place < 0 ? [] : ['decides']),
    ...(broken === at ? ['broken'] : []),
    ...(gapMs >= GAP_MS ? ['gap'] : []),
  ];
  return html`<div
    class=${signs.join(' ')} role="option" id=${`${id}-${at}`} aria-selected=${at === selected}
    aria-posinset=${at + 1} aria-setsize=${rows.length} aria-label=${sentence(trace, at, lane)}
    .style=${`top: ${at * ROW_HEIGHT}px`} @click=${() => select(at)}>
    <span class="sign" aria-hidden="true">${place < 0 ? (broken === at ? '▶' : '') : PLACES[place]}</span>
    <span class="step">${whole(row.step)}</span>
    <span class="ms" title=${gapMs >= GAP_MS ? `${whole(gapMs)} ms have passed` : nothing}>${ms(row.atMs)}</span>
    ${actors.map((actor, i) => {
      const status = actor.statuses[lastAtOrBefore(actor.statuses, at, ([from]) => from)]?.[1] ?? 'unborn';
      return html`<span class="life ${actor.pid === '' ? 'unborn' : status}" .style=${`grid-column: ${i + 4}`}></span>`;
    })}
    ${row.to === null ? nothing : arrow(row.actor, row.to, row.shape)}
    <span class="event ${row.tone} ${row.shape}" title=${row.text} .style=${`grid-column: ${row.actor + 4}`}
      ><span class="text">${row.text}</span>${
        broken === at ? html`<span class="why">${brokenWord(trace)}</span>` : nothing
      }</span>
    ${claimView(lane, at, actors.length + 4, isTop)}
  </div>`;
}

function arrow(from: number, to: number, shape: string): TemplateResult {
  const [left, right] = from < to ? [from, to] : [to, from];
  const inset = 50 / (right - left + 1);
  return html`<span class="arrow ${shape} ${from < to ? 'right' : 'left'}"
    .style=${`grid-column: ${left + 4} / ${right + 5}; margin-inline: ${inset}%`}></span>`;
}

function claimView(
  lane: readonly Segment[],
  at: number,
  column: number,
  isTop: boolean,
): TemplateResult | typeof nothing {
  const index = lastAtOrBefore(lane, at, ({ row }) => row);
  const segment = lane[index];
  if (segment === undefined) return nothing;
  const begins = segment.row === at;
  const kind = segment.path === null ? 'absent' : segment.text === '' ? 'empty' : 'there';
  const title = segment.path === null ? nothing : `${printable(segment.path)}\n${fileText(segment.text)}`;
  return html`<span class="claim ${kind} ${begins ? 'begins' : ''} ${index % 2 === 0 ? 'even' : 'odd'}"
    title=${title} .style=${`grid-column: ${column}`}>${begins || isTop ? segmentText(segment) : ''}</span>`;
}
