/** One run: its verdict, its overview, its list or table, and the panel of the selected event. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageFold, PageTrace } from '../src/report/page/data.ts';
import { asideView } from './aside.ts';
import { copyButton } from './copy.ts';
import { Diagram } from './diagram.ts';
import { type Filter, Finder, NO_FILTER, passesOf } from './filter.ts';
import { Items } from './items.ts';
import { laneOf, lastAtOrBefore, type Segment } from './lane.ts';
import { Lifelines } from './lifelines.ts';
import { Machines } from './machine.ts';
import { Overview, type OverviewContext } from './overview.ts';
import { tableView } from './table.ts';
import { sentence, whole } from './words.ts';

export interface PaneContext {
  readonly active: boolean;
  readonly asTable: boolean;
  readonly select: (row: number) => void;
  readonly refresh: () => void;
  readonly showAll: () => void;
  readonly link: () => string;
}

export class Pane {
  readonly trace: PageTrace;
  readonly diagram = new Diagram();
  readonly overview: Overview;
  readonly label: string;
  readonly run: string;
  readonly #id: string;
  readonly #machines: Machines;
  readonly #lifelines: Lifelines;
  readonly #finder: Finder;
  #group: string | undefined;
  #lane: readonly Segment[];
  #filter: Filter = NO_FILTER;
  #passes: (row: number) => boolean = () => true;
  #isUnfolded = false;
  readonly #opened = new Set<PageFold>();
  #items: Items | null = null;
  #search = '';
  #found: readonly number[] = [];
  #foundSet: ReadonlySet<number> = new Set();
  /** Changes with everything that the overview shows. */
  #version = 0;
  #overviewContext: OverviewContext | null = null;
  #selected = 0;

  constructor(trace: PageTrace, id: string, selected: number) {
    this.trace = trace;
    this.#id = id;
    this.run = trace.invariant === null ? 'Passing run' : 'Failing run';
    this.label = `${this.run}: ${whole(trace.rows.length)} events`;
    this.#machines = new Machines(trace);
    this.#finder = new Finder(trace);
    this.#lifelines = new Lifelines(trace);
    this.overview = new Overview(trace, this.#lifelines);
    this.#group = trace.claims[0];
    this.#lane = laneOf(trace, this.#group);
    for (const row of [...trace.pair, trace.broken]) if (row !== null) this.#open(row);
    this.selected = selected;
  }

  get selected(): number {
    return this.#selected;
  }

  set selected(row: number) {
    this.#selected = this.clamped(row);
    this.#open(this.#selected);
  }

  get items(): Items {
    this.#items ??= new Items(this.trace, this.#passes, (fold) => this.#isUnfolded || this.#opened.has(fold));
    return this.#items;
  }

  get found(): readonly number[] {
    return this.#found;
  }

  get passes(): (row: number) => boolean {
    return this.#passes;
  }

  set filter(filter: Filter) {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.#passes = passesOf(this.trace, filter);
    this.#items = null;
    this.#version++;
  }

  set search(text: string) {
    if (text === this.#search) return;
    this.#search = text;
    this.#found = this.#finder.find(text);
    this.#foundSet = new Set(this.#found);
  }

  set unfolded(is: boolean) {
    if (is === this.#isUnfolded) return;
    this.#isUnfolded = is;
    this.#opened.clear();
    this.#open(this.#selected);
    this.#items = null;
  }

  clamped(row: number): number {
    return Math.max(0, Math.min(this.trace.rows.length - 1, row));
  }

  /** The last row that is not later than a step. */
  rowOfStep(step: number): number {
    return this.clamped(lastAtOrBefore(this.trace.rows, step, (row) => row.step));
  }

  /** A description of a row in one sentence. */
  sentence(at: number): string {
    return this.trace.rows.length === 0 ? '' : sentence(this.trace, at, this.#lane);
  }

  /** Opens the fold that has a row. */
  #open(row: number): void {
    const { folds } = this.trace;
    const fold = folds[lastAtOrBefore(folds, row, ({ from }) => from)];
    if (fold === undefined || row >= fold.from + fold.count || this.#opened.has(fold)) return;
    this.#opened.add(fold);
    this.#items = null;
  }

  view(context: PaneContext): TemplateResult {
    const { active, asTable, select, refresh, showAll, link } = context;
    const { trace, selected, label, items } = this;
    const frameAt = (row: number): number => trace.rows[row]?.frame ?? -1;
    const chooseGroup = (group: string): void => {
      this.#group = group;
      this.#lane = laneOf(trace, group);
      refresh();
    };
    const verdict =
      trace.invariant === null
        ? html`<h2 class="verdict passes">✓ no invariant is violated</h2>`
        : html`<h2 class="verdict fails">✗ ${printable(trace.invariant)}: ${printable(trace.message ?? '')}</h2>`;
    const hidden = trace.rows.length - items.passing;
    this.#overviewContext = {
      ...{ selected, select, refresh, passes: this.#passes, range: asTable ? null : this.diagram.range },
      sentence: (row) => this.sentence(row),
    };
    return html`<section class="pane ${active ? 'active' : ''}" aria-label=${label}>
      <header>${verdict}
        <p class="command"><code tabindex="0">${printable(trace.command)}</code>${copyButton(trace.command, 'the command')}</p>
        ${trace.notes.length === 0 ? nothing : html`<ul class="notes">${trace.notes.map((note) => html`<li>${printable(note)}</li>`)}</ul>`}
        ${
          hidden === 0
            ? nothing
            : html`<p class="filtered" role="status">${whole(hidden)} of ${whole(trace.rows.length)} events are hidden by the filter${
                this.#passes(selected) ? '' : ', the selected one too'
              } <button type="button" class="link" @click=${showAll}>show all</button></p>`
        }
        ${this.overview.view(this.#overviewContext)}
      </header>
      ${
        asTable
          ? tableView({ trace, lane: this.#lane, selected, label, select, passes: this.#passes })
          : this.diagram.view({
              ...{ id: this.#id, trace, lane: this.#lane, group: this.#group, selected, label, items },
              ...{
                select,
                chooseGroup,
                scrolled: refresh,
                lifelines: this.#lifelines,
                found: this.#foundSet,
              },
              unfold: (fold) => {
                this.#opened.add(fold);
                this.#items = null;
                refresh();
              },
            })
      }
      ${asideView({
        ...{ trace, at: selected, run: this.run, select, link },
        before: this.#machines.at(frameAt(selected - 1)),
        now: this.#machines.at(frameAt(selected)),
      })}
    </section>`;
  }

  /** Draws what needs the sizes of the page. */
  paint(): void {
    if (this.#overviewContext !== null) this.overview.paint(this.#overviewContext, String(this.#version));
  }
}
