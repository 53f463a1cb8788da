/** The page of a run, or of two side by side. */
import { html, nothing, render, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { type Filter, pathsIn } from './filter.ts';
import { actsOf, HELP, scrolls } from './keys.ts';
import { lastAtOrBefore } from './lane.ts';
import { linkOf, placeOfRow, readLink, rowOfLink } from './link.ts';
import { Pane } from './pane.ts';
import { toolsView } from './tools.ts';

/** The address follows the selection after this time without a change. */
const LINK_MS = 250;
/** From this width on, two runs are shown side by side at first. */
const BESIDE = 1300;

export interface ViewerOptions {
  /** The run of a report that is shown, and how to go back to the report. */
  readonly report?: { readonly run: string; readonly back: () => void };
}

export class Viewer {
  readonly #version: string;
  readonly #root: HTMLElement;
  readonly #options: ViewerOptions;
  readonly #panes: readonly Pane[];
  readonly #paths: () => readonly string[];
  readonly #ended = new AbortController();
  #active = 0;
  #both: boolean;
  #together = true;
  #asTable: boolean;
  #unfolded = false;
  #search: string;
  #filter: Filter;
  #scheduled = false;
  #linkTimer: ReturnType<typeof setTimeout> | undefined;
  #link = '';

  constructor(traces: readonly PageTrace[], version: string, root: HTMLElement, options: ViewerOptions = {}) {
    this.#version = version;
    this.#root = root;
    this.#options = options;
    this.#panes = traces.map((trace, i) => new Pane(trace, `run${i}`, beginOf(trace)));
    this.#both = this.#panes.length > 1 && window.innerWidth >= BESIDE;
    let paths: readonly string[] | null = null;
    this.#paths = () => {
      paths ??= pathsIn(this.#panes[0]!.trace);
      return paths;
    };
    const place = readLink(location.hash);
    this.#search = place.search;
    this.#filter = place.filter;
    this.#asTable = place.table;
    this.#follow();
    this.#goTo(location.hash);
  }

  /** The run of the report that it shows. */
  get run(): string | null {
    return this.#options.report?.run ?? null;
  }

  start(): void {
    const { signal } = this.#ended;
    document.addEventListener('keydown', (event) => this.#key(event), { signal });
    window.addEventListener('resize', this.#refresh, { signal });
    window.addEventListener('hashchange', () => this.#hashChanged(), { signal });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.#refresh, { signal });
    // A menu closes with Escape, or with a click beside it.
    document.addEventListener('pointerdown', (event) => this.#closeMenus(event.target as Node), { signal });
    this.#draw();
    this.#pane.diagram.focus();
    // Now that sizes are known.
    this.#draw();
    this.#reveal(true);
    this.#draw();
  }

  end(): void {
    clearTimeout(this.#linkTimer);
    this.#ended.abort();
  }

  readonly #refresh = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      if (!this.#ended.signal.aborted) this.#draw();
    });
  };

  get #pane(): Pane {
    return this.#panes[this.#active]!;
  }

  #select(pane: number, row: number, middle = false): void {
    this.#active = pane;
    this.#pane.selected = row;
    this.#follow();
    this.#reveal(middle);
    this.#refresh();
  }

  /** Moves the other run to the corresponding row. */
  #follow(): void {
    if (!this.#together) return;
    const { trace, selected } = this.#pane;
    const place = trace.pair.indexOf(selected);
    for (const pane of this.#panes) {
      if (pane === this.#pane) continue;
      // A critical event corresponds to the same critical event in the other run, which has another step there.
      const same = pane.trace.pair[place] ?? -1;
      pane.selected = same >= 0 ? same : pane.rowOfStep(trace.rows[selected]?.step ?? 0);
    }
  }

  #reveal(middle: boolean): void {
    for (const pane of this.#panes) pane.diagram.show(pane.selected, middle || pane !== this.#pane);
  }

  #activate(pane: number): void {
    if (this.#panes[pane] === undefined) return;
    this.#active = pane;
    this.#draw();
    this.#pane.diagram.focus();
    this.#reveal(true);
    this.#refresh();
  }

  /** Goes to the event that an address names. */
  #goTo(hash: string): boolean {
    const place = readLink(hash);
    const pane = place.passing && this.#panes.length > 1 ? 1 : 0;
    const row = rowOfLink(this.#panes[pane]!.trace, place);
    if (row === null) return false;
    this.#active = pane;
    this.#pane.selected = row;
    this.#follow();
    return true;
  }

  #hashChanged(): void {
    if (location.hash === this.#link) return;
    const { run, filter, search, table } = readLink(location.hash);
    if (run !== this.run) return;
    this.#filter = filter;
    this.#search = search;
    this.#asTable = table;
    this.#goTo(location.hash);
    this.#draw();
    this.#reveal(true);
    this.#refresh();
  }

  /** The address of the page as it is now. */
  #hash(): string {
    const pane = this.#pane;
    return linkOf({
      ...placeOfRow(pane.trace, pane.selected),
      ...{ passing: this.#active === 1, search: this.#search, filter: this.#filter, table: this.#asTable },
      run: this.run,
    });
  }

  #noteLink(): void {
    clearTimeout(this.#linkTimer);
    this.#linkTimer = setTimeout(() => {
      this.#link = this.#hash();
      if (location.hash !== this.#link) history.replaceState(null, '', this.#link);
    }, LINK_MS);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === 'Escape') {
      this.#closeMenus(null);
      if (/^(?:SELECT|INPUT)$/.test(target.tagName)) this.#pane.diagram.focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(?:SELECT|INPUT)$/.test(target.tagName)) return;
    const acts = actsOf({
      pane: this.#pane,
      ...{ strip: target.classList.contains('strip') },
      go: (row, middle) => this.#select(this.#active, row, middle),
      run: (pane) => this.#activate(pane),
      toggleBoth: () => this.#toggleBoth(),
      toggleTable: () => this.#toggleTable(),
      toggleFolds: () => this.#toggleFolds(),
      zoom: (what) => {
        this.#pane.overview[what]();
        this.#refresh();
      },
      search: () => (this.#root.querySelector('#search') as HTMLElement | null)?.focus(),
    });
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined;
    if (act === undefined || scrolls(target, event.key)) return;
    event.preventDefault();
    act();
  }

  #toggleBoth(): void {
    this.#both = !this.#both && this.#panes.length > 1;
    this.#activate(this.#active);
  }

  #toggleTable(): void {
    this.#asTable = !this.#asTable;
    this.#activate(this.#active);
  }

  #toggleFolds(): void {
    this.#unfolded = !this.#unfolded;
    this.#draw();
    this.#reveal(true);
    this.#refresh();
  }

  #goFound(direction: 1 | -1): void {
    const { found, selected } = this.#pane;
    if (found.length === 0) return;
    const at = lastAtOrBefore(found, selected, (row) => row);
    const isAt = found[at] === selected;
    const next = direction > 0 ? at + 1 : isAt ? at - 1 : at;
    this.#select(this.#active, found[(next + found.length) % found.length]!, true);
  }

  #closeMenus(beside: Node | null): void {
    for (const menu of this.#root.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
      if (beside === null || !menu.contains(beside)) menu.open = false;
  }

  #draw(): void {
    document.body.classList.toggle('both', this.#both);
    document.body.classList.toggle('one', !this.#both);
    for (const pane of this.#panes) {
      pane.filter = this.#filter;
      pane.search = this.#search;
      pane.unfolded = this.#unfolded;
    }
    const { trace, selected, diagram } = this.#pane;
    const shown = this.#panes.map((_, i) => i).filter((i) => this.#both || i === this.#active);
    render(
      html`<header class="top">
          ${this.#options.report === undefined ? nothing : html`<button type="button" @click=${this.#options.report.back}>← Report</button>`}
          <h1>${printable(trace.scenario)}</h1>
          ${this.#toolbar(trace, selected)}
        </header>
        <main>${shown.map((i) =>
          this.#panes[i]!.view({
            active: i === this.#active,
            asTable: this.#asTable,
            select: (row) => this.#select(i, row, true),
            refresh: this.#refresh,
            showAll: () => this.#setFilter(readLink('').filter),
            link: () => location.href.replace(/#.*$/, '') + this.#hash(),
          }),
        )}</main>
        <p class="spoken" role="status" aria-live="polite">${diagram.hasFocus ? '' : this.#pane.sentence(selected)}</p>
        <footer>one-survivor ${printable(this.#version)} · trace ${printable(trace.traceHash)}</footer>`,
      this.#root,
    );
    for (const i of shown) this.#panes[i]!.paint();
    if (this.#asTable)
      for (const row of this.#root.querySelectorAll('tr.selected')) row.scrollIntoView({ block: 'nearest' });
    this.#noteLink();
  }

  #setFilter(filter: Filter): void {
    this.#filter = filter;
    this.#draw();
    this.#reveal(true);
    this.#refresh();
  }

  #toolbar(trace: PageTrace, selected: number): TemplateResult {
    const pane = this.#pane;
    const { items } = pane;
    const to = (row: number | undefined | null): (() => void) => {
      return () => {
        if (row !== undefined && row !== null) this.#select(this.#active, row, true);
      };
    };
    const [back, forward] = [items.step(selected, -1), items.step(selected, 1)];
    const many = this.#panes.length > 1;
    const other = 1 - this.#active;
    return html`<div class="tools" role="group" aria-label="Navigation and display">
      <span class="joined"><button type="button" @click=${to(back)} ?disabled=${back === null}>↑ Back</button><button type="button" @click=${to(forward)} ?disabled=${forward === null}>↓ Forward</button></span>
      ${trace.pair.map((row, i) => (row < 0 ? nothing : html`<button type="button" class="place" @click=${to(row)}>${i === 0 ? '①' : '②'} decides</button>`))}
      ${trace.broken === null ? nothing : html`<button type="button" class="fails" @click=${to(trace.broken)}>✗ Violation</button>`}
      ${toolsView({
        ...{ search: this.#search, found: pane.found.length, foundAt: pane.found.indexOf(selected) + 1 },
        ...{ filter: this.#filter, names: trace.actors.map(({ name }) => name), paths: this.#paths },
        setSearch: (text) => {
          this.#search = text;
          this.#refresh();
        },
        go: (direction) => this.#goFound(direction),
        setFilter: (filter) => this.#setFilter(filter),
      })}
      ${
        many
          ? html`<button type="button" aria-pressed=${this.#both} @click=${() => this.#toggleBoth()}>Side by side</button>
            <button type="button" @click=${() => this.#activate(other)}>Show ${this.#panes[other]!.trace.invariant === null ? 'passing' : 'failing'} run</button>
            <label><input type="checkbox" .checked=${this.#together} @change=${(event: Event) => {
              this.#together = (event.target as HTMLInputElement).checked;
            }}> Sync</label>`
          : nothing
      }
      ${trace.folds.length === 0 ? nothing : html`<button type="button" aria-pressed=${this.#unfolded} @click=${() => this.#toggleFolds()}>Unfold loops</button>`}
      <button type="button" aria-pressed=${this.#asTable} @click=${() => this.#toggleTable()}>Table</button>
      <details class="menu help"><summary>Keys</summary>
        <dl class="sheet">${HELP.map(([keys, what]) => html`<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`)}</dl></details>
    </div>`;
  }
}

/** The initial row: the second of the two critical events, otherwise the violation. */
function beginOf({ pair, broken }: PageTrace): number {
  return pair[1] ?? broken ?? 0;
}
