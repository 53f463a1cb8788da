/** One line of the list of a run: an event, a gap in time, or a loop that is folded. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageFold, PageTrace } from '../src/report/page/data.ts';
import { shorten } from './fit.ts';
import type { Item } from './items.ts';
import { lastAtOrBefore, type Segment } from './lane.ts';
import type { Layout } from './layout.ts';
import type { Lifelines } from './lifelines.ts';
import { brokenWord, duration, fileText, ms, PLACES, segmentText, sentence, whole } from './words.ts';

export interface RowContext {
  readonly id: string;
  readonly trace: PageTrace;
  readonly lane: readonly Segment[];
  readonly lifelines: Lifelines;
  readonly layout: Layout;
  readonly selected: number;
  readonly found: ReadonlySet<number>;
  /** How many rows are shown. */
  readonly count: number;
  readonly select: (row: number) => void;
  readonly unfold: (fold: PageFold) => void;
}

/** With less room, the violation is only a sign. */
const SHORT_CHARS = 44;

/**
 * @param place the index among all items
 * @param isTop whether it is the first visible item, which repeats what started above it
 * @param position the index among the shown rows
 */
export function itemView(
  context: RowContext,
  item: Item,
  place: number,
  isTop: boolean,
  position: number,
): TemplateResult {
  if (item.kind === 'row') return rowView(context, item.row, place, isTop, position);
  const { trace, layout, unfold } = context;
  const top = `top: ${place * layout.rowHeight}px`;
  // A gap belongs to the state before its row.
  const lives = livesView(context, Math.max(0, item.row - 1));
  if (item.kind === 'gap') {
    return html`<div class="row between" role="presentation" .style=${top}>${lives}
      <span class="pause"><span>${duration(item.ms)} pass</span></span></div>`;
  }
  const { fold } = item;
  const lines = fold.lines === 1 ? 'this event' : `these ${fold.lines} events`;
  const until = trace.rows[fold.from + fold.count - 1]!.atMs;
  const words = `↻ ${lines} ${whole(fold.times)} more times, until ${ms(until)} ms`;
  return html`<div class="row between folded" role="presentation" title="Show these events (f: all loops)" .style=${top}
    @click=${() => unfold(fold)}>${lives}<span class="pause"><span>${words}</span></span></div>`;
}

function rowView(
  context: RowContext,
  at: number,
  place: number,
  isTop: boolean,
  position: number,
): TemplateResult {
  const { id, trace, lane, layout, selected, found, count, select } = context;
  const { rows, actors, broken, pair } = trace;
  const row = rows[at]!;
  const decisive = pair.indexOf(at);
  const signs = [
    'row',
    ...(at === selected ? ['selected'] : []),
    ...(decisive < 0 ? [] : ['decides']),
    ...(broken === at ? ['broken'] : []),
    ...(found.has(at) ? ['found'] : []),
  ];
  const name = printable(actors[row.actor]!.name);
  const why = broken !== at ? '' : layout.textChars < SHORT_CHARS ? '✗' : brokenWord(trace);
  const room = layout.textChars - (why === '' ? 0 : why.length + 2);
  const full = `${name}: ${row.text}${row.at === undefined ? '' : `\n${printable(row.at)}`}`;
  const event = html`<span class="event ${row.tone} ${row.shape}" title=${full}
      .style=${layout.kind === 'columns' ? `grid-column: ${row.actor + layout.firstLane}` : ''}
      ><span class="text">${shorten(row.text, Math.max(8, room))}</span>${
        why === '' ? nothing : html`<span class="why">${why}</span>`
      }</span>`;
  return html`<div
    class=${signs.join(' ')} role="option" id=${`${id}-${at}`} aria-selected=${at === selected}
    aria-posinset=${position + 1} aria-setsize=${count} aria-label=${sentence(trace, at, lane)}
    .style=${`top: ${place * layout.rowHeight}px`} @click=${() => select(at)}>
    <span class="sign" aria-hidden="true">${decisive < 0 ? (broken === at ? '▶' : '') : PLACES[decisive]}</span>
    <span class="step">${whole(row.step)}</span>
    <span class="ms">${ms(row.atMs)}${layout.twoLines ? ' ms' : ''}</span>
    ${livesView(context, at)}
    ${row.to === null ? nothing : arrow(row.actor, row.to, row.shape, layout)}
    ${
      layout.kind === 'columns'
        ? event
        : html`<i class="dot ${row.tone} ${row.shape}" .style=${`grid-column: ${row.actor + layout.firstLane}`}></i>
          <b class="name" title=${full}>${shorten(name, layout.nameChars)}</b>${event}`
    }
    ${claimView(context, at, isTop)}
  </div>`;
}

function livesView({ trace, lifelines, layout }: RowContext, at: number): TemplateResult[] {
  return trace.actors.map((_, i) => {
    const span = lifelines.spanAt(i, at);
    const inside = span === null ? '' : `spans ${span.kind}`;
    return html`<i class="line ${lifelines.statusAt(i, at)} ${inside}" .style=${`grid-column: ${i + layout.firstLane}`}></i>`;
  });
}

function arrow(
  actor: number,
  other: number,
  shape: string,
  { kind, laneWidth, firstLane }: Layout,
): TemplateResult {
  const [from, to] = shape === 'reply' ? [other, actor] : [actor, other];
  const [left, right] = from < to ? [from, to] : [to, from];
  const inset = kind === 'lanes' ? `${laneWidth / 2}px` : `${50 / (right - left + 1)}%`;
  return html`<i class="arrow ${shape} ${from < to ? 'right' : 'left'}"
    .style=${`grid-column: ${left + firstLane} / ${right + firstLane + 1}; margin-inline: ${inset}`}></i>`;
}

function claimView(
  { lane, layout }: RowContext,
  at: number,
  isTop: boolean,
): TemplateResult | typeof nothing {
  const index = lastAtOrBefore(lane, at, ({ row }) => row);
  const segment = lane[index];
  if (segment === undefined) return nothing;
  const begins = segment.row === at;
  // In a second line, only changes are shown: a column would stand for itself.
  if (layout.twoLines && !begins) return nothing;
  const kind = segment.path === null ? 'absent' : segment.text === '' ? 'empty' : 'there';
  const title =
    segment.path === null ? 'no such file' : `${printable(segment.path)}\n${fileText(segment.text)}`;
  const shown = begins || isTop ? shorten(segmentText(segment), layout.claimChars) : '';
  return html`<span class="claim ${kind} ${begins ? 'begins' : ''} ${index % 2 === 0 ? 'even' : 'odd'}"
    title=${title}>${shown}</span>`;
}
