import { html, nothing, type TemplateResult } from 'lit-html';
import { createRef, ref } from 'lit-html/directives/ref.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { ROW_HEIGHT, type RowContext, rowView } from './row.ts';

/** Rows rendered beyond the visible ones, so that fast scrolling does not show gaps. */
const SPARE_ROWS = 12;
/** The height of the head, which sticks to the top. */
const HEAD_HEIGHT = 46;

export interface DiagramContext extends RowContext {
  readonly group: string | undefined;
  readonly label: string;
  readonly chooseGroup: (group: string) => void;
  readonly scrolled: () => void;
}

/** One column per process, time runs downwards. Only visible rows are rendered. */
export class Diagram {
  readonly #scroller = createRef<HTMLElement>();
  readonly #list = createRef<HTMLElement>();

  focus(): void {
    this.#list.value?.focus({ preventScroll: true });
  }

  get hasFocus(): boolean {
    return this.#list.value !== undefined && document.activeElement === this.#list.value;
  }

  /** Scrolls as little as possible to show a row and `actors`, the first of which is most important. `middle`: centers a row that was not visible. */
  show(row: number, actors: readonly number[], middle = false): void {
    const scroller = this.#scroller.value;
    if (scroller === undefined) return;
    // The most important one comes last, so that it is visible in any case.
    for (const actor of actors.toReversed()) this.#showColumn(scroller, actor);
    const top = row * ROW_HEIGHT;
    const room = scroller.clientHeight - HEAD_HEIGHT;
    const above = top < scroller.scrollTop;
    const below = top + ROW_HEIGHT > scroller.scrollTop + room;
    if (!above && !below) return;
    if (middle) scroller.scrollTop = top - room / 2;
    else scroller.scrollTop = above ? top : top + ROW_HEIGHT - room;
  }

  /** Scrolls a column into view, between the sticky columns for the time and the claim. */
  #showColumn(scroller: HTMLElement, actor: number): void {
    const cells = scroller.querySelectorAll<HTMLElement>('.head .actor');
    const [first, cell, claim] = [cells[0], cells[actor], cells[cells.length - 1]];
    if (first === undefined || cell === undefined || claim === undefined || claim === first) return;
    const sticks = getComputedStyle(claim).position === 'sticky';
    const room = scroller.clientWidth - first.offsetLeft - (sticks ? claim.offsetWidth : 0);
    const left = cell.offsetLeft - first.offsetLeft;
    if (left < scroller.scrollLeft) scroller.scrollLeft = left;
    else if (left + cell.offsetWidth > scroller.scrollLeft + room)
      scroller.scrollLeft = Math.min(left, left + cell.offsetWidth - room);
  }

  /** The number of rows of a page. */
  get page(): number {
    return Math.max(
      1,
      Math.floor(((this.#scroller.value?.clientHeight ?? 0) - HEAD_HEIGHT) / ROW_HEIGHT) - 1,
    );
  }

  view(context: DiagramContext): TemplateResult {
    const { trace, id, selected, label, scrolled } = context;
    const { first, last } = this.#window(trace);
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    const top = Math.ceil((this.#scroller.value?.scrollTop ?? 0) / ROW_HEIGHT);
    const active = selected >= first && selected < last ? `${id}-${selected}` : nothing;
    return html`<div class="scroller" ${ref(this.#scroller)} @scroll=${scrolled}
      .style=${`--actors: ${trace.actors.length}`}>
      ${this.#head(context)}
      <div class="rows" role="listbox" tabindex="0" aria-label=${label} aria-activedescendant=${active}
        ${ref(this.#list)} .style=${`height: ${trace.rows.length * ROW_HEIGHT}px`}>
        ${repeat(
          rows,
          (at) => at,
          (at) => rowView(context, at, at === top),
        )}
      </div>
    </div>`;
  }

  #head({ trace, group, chooseGroup, id }: DiagramContext): TemplateResult {
    const claim = html`<select id=${`${id}-claim`} aria-label="The file in the last column"
      @change=${(event: Event) => chooseGroup((event.target as HTMLSelectElement).value)}>
      ${trace.claims.map((each) => html`<option value=${each} ?selected=${each === group}>${printable(each)}</option>`)}
    </select>`;
    return html`<div class="head">
      <span></span><span class="step">step</span><span class="ms">ms</span>
      ${trace.actors.map(
        ({ name, pid }) =>
          html`<span class="actor"><b>${printable(name)}</b><small>${printable(pid)}</small></span>`,
      )}
      <span class="actor">${trace.claims.length === 0 ? nothing : claim}<small>what the claim's file holds</small></span>
    </div>`;
  }

  #window({ rows }: PageTrace): { first: number; last: number } {
    const scroller = this.#scroller.value;
    const top = scroller?.scrollTop ?? 0;
    const height = scroller?.clientHeight ?? 800;
    const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - SPARE_ROWS);
    const last = Math.min(rows.length, Math.ceil((top + height) / ROW_HEIGHT) + SPARE_ROWS);
    return { first: Math.min(first, rows.length), last };
  }
}
