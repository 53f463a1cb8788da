/** The list of a run: time runs downwards, and each process has a column or a lane. Only visible rows are rendered. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { createRef, ref } from 'lit-html/directives/ref.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../src/report/escape.ts';
import { fitPath, shorten } from './fit.ts';
import type { Items } from './items.ts';
import { type Layout, LEAST_NAMED_LANE, layoutOf } from './layout.ts';
import { itemView, type RowContext } from './row.ts';

/** Rows rendered beyond the visible ones, so that fast scrolling does not show gaps. */
const SPARE_ROWS = 12;

export interface DiagramContext extends Omit<RowContext, 'layout' | 'count'> {
  readonly items: Items;
  readonly group: string | undefined;
  readonly label: string;
  readonly chooseGroup: (group: string) => void;
  readonly scrolled: () => void;
}

export class Diagram {
  readonly #scroller = createRef<HTMLElement>();
  readonly #list = createRef<HTMLElement>();
  #layout: Layout = layoutOf(1_000, ['process'], true);
  #items: Items | null = null;

  focus(): void {
    this.#list.value?.focus({ preventScroll: true });
  }

  get hasFocus(): boolean {
    return this.#list.value !== undefined && document.activeElement === this.#list.value;
  }

  /** Scrolls as little as possible to show a row. `middle`: centers a row that was not visible. */
  show(row: number, middle = false): void {
    const scroller = this.#scroller.value;
    if (scroller === undefined || this.#items === null) return;
    const { rowHeight, headHeight } = this.#layout;
    const top = this.#items.indexOf(row) * rowHeight;
    const room = scroller.clientHeight - headHeight;
    const above = top < scroller.scrollTop;
    const below = top + rowHeight > scroller.scrollTop + room;
    if (!above && !below) return;
    if (middle) scroller.scrollTop = top - room / 2;
    else scroller.scrollTop = above ? top : top + rowHeight - room;
  }

  /** The number of rows of a page. */
  get page(): number {
    return Math.max(1, this.#visible - 1);
  }

  /** The first and the last visible row. */
  get range(): readonly [number, number] | null {
    const all = this.#items?.all ?? [];
    const first = all[this.#top];
    const last = all[Math.min(all.length - 1, this.#top + this.#visible - 1)];
    return first === undefined || last === undefined ? null : [first.row, last.row];
  }

  get #visible(): number {
    const { rowHeight, headHeight } = this.#layout;
    return Math.floor(((this.#scroller.value?.clientHeight ?? 0) - headHeight) / rowHeight);
  }

  get #top(): number {
    return Math.ceil((this.#scroller.value?.scrollTop ?? 0) / this.#layout.rowHeight);
  }

  view(context: DiagramContext): TemplateResult {
    const { trace, id, selected, label, scrolled, items } = context;
    const width = this.#scroller.value?.clientWidth ?? Math.min(1_000, window.innerWidth);
    const names = trace.actors.map(({ name }) => printable(name));
    const layout = layoutOf(width, names, trace.claims.length > 0);
    this.#layout = layout;
    this.#items = items;
    const { first, last } = this.#window(items);
    const shown = items.all.slice(first, last);
    const at = items.indexOf(selected);
    const active = items.shows(selected) && at >= first && at < last ? `${id}-${selected}` : nothing;
    const rowContext = { ...context, layout, count: items.rows };
    const { laneWidth, nameWidth, claimWidth } = layout;
    const classes = ['scroller', layout.kind, ...(layout.twoLines ? ['two-lines'] : [])];
    return html`<div class=${classes.join(' ')} ${ref(this.#scroller)} @scroll=${scrolled}
      .style=${`--actors: ${names.length}; --first: ${layout.firstLane}; --lane: ${laneWidth}px; --name: ${nameWidth}px; --claim: ${claimWidth}px; --row: ${layout.rowHeight}px; --head: ${layout.headHeight}px`}>
      ${this.#head(context, names, layout)}
      <div class="rows" role="listbox" tabindex="0" aria-label=${label} aria-activedescendant=${active}
        ${ref(this.#list)} .style=${`height: ${items.all.length * layout.rowHeight}px`}>
        ${repeat(
          shown.map((item, i) => ({ item, place: first + i })),
          ({ item }) => `${item.kind} ${item.row}`,
          ({ item, place }) =>
            itemView(rowContext, item, place, place === this.#top, items.positions[place]!),
        )}
      </div>
    </div>`;
  }

  #head(
    { trace, group, chooseGroup, id }: DiagramContext,
    names: readonly string[],
    layout: Layout,
  ): TemplateResult {
    const { kind, laneWidth, nameChars, claimChars, twoLines } = layout;
    const named = kind === 'columns' || laneWidth >= LEAST_NAMED_LANE;
    const claim = html`<span class="watched"><select id=${`${id}-claim`} aria-label="The file whose content is shown" title=${printable(group ?? '')}
      @change=${(event: Event) => chooseGroup((event.target as HTMLSelectElement).value)}>
      ${trace.claims.map((each) => html`<option value=${each} ?selected=${each === group}>${fitPath(printable(each), twoLines ? 24 : claimChars - 2)}</option>`)}
    </select>${twoLines ? nothing : html`<small>content</small>`}</span>`;
    return html`<div class="head">
      <span class="sign"></span><span class="step">step</span><span class="ms">ms</span>
      ${names.map((name, i) => {
        const { pid } = trace.actors[i]!;
        const title = `${name}${pid === '' ? '' : `, ${printable(pid)}`}`;
        return html`<span class="actor" title=${title} .style=${`grid-column: ${i + layout.firstLane}`}>${
          named
            ? html`<b>${shorten(name, kind === 'columns' ? nameChars : 14)}</b>${kind === 'columns' ? html`<small>${printable(pid)}</small>` : nothing}`
            : nothing
        }</span>`;
      })}
      ${kind === 'columns' || twoLines ? nothing : html`<span class="lanes-label">${names.length} processes, a lane each</span>`}
      ${trace.claims.length === 0 ? nothing : claim}
    </div>`;
  }

  #window({ all }: Items): { first: number; last: number } {
    const scroller = this.#scroller.value;
    const top = scroller?.scrollTop ?? 0;
    const height = scroller?.clientHeight ?? 800;
    const { rowHeight } = this.#layout;
    const first = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS);
    const last = Math.min(all.length, Math.ceil((top + height) / rowHeight) + SPARE_ROWS);
    return { first: Math.min(first, all.length), last };
  }
}
