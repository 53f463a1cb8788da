/** The page of a run, or of two side by side. */
import { html, nothing, render } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { Address } from './address.ts';
import { type Filter, NO_FILTER, pathsIn } from './filter.ts';
import { type KeyContext, pressed, type ViewActions } from './keys.ts';
import { linkOf, type Place, placeOfRow, readLink } from './link.ts';
import { Panes } from './panes.ts';
import { closeMenus, toolbarView } from './toolbar.ts';
import type { ToolsContext } from './tools.ts';

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
  readonly #panes: Panes;
  readonly #paths: () => readonly string[];
  readonly #ended = new AbortController();
  readonly #address = new Address(() => this.#hash());
  #both: boolean;
  #asTable = false;
  #unfolded = false;
  #search = '';
  #filter: Filter = NO_FILTER;
  #scheduled = false;
  /** What buttons and keys do. */
  readonly #actions: ViewActions = {
    go: (row, middle) => this.#select(this.#panes.active, row, middle),
    activate: (pane) => this.#activate(pane),
    toggleBoth: () => {
      this.#both = !this.#both && this.#panes.all.length > 1;
      this.#activate(this.#panes.active);
    },
    toggleTable: () => {
      this.#asTable = !this.#asTable;
      this.#activate(this.#panes.active);
    },
    toggleFolds: () => {
      this.#unfolded = !this.#unfolded;
      this.#show();
    },
  };

  constructor(traces: readonly PageTrace[], version: string, root: HTMLElement, options: ViewerOptions = {}) {
    this.#version = version;
    this.#root = root;
    this.#options = options;
    this.#panes = new Panes(traces);
    this.#both = traces.length > 1 && window.innerWidth >= BESIDE;
    let paths: readonly string[] | null = null;
    this.#paths = () => {
      paths ??= pathsIn(traces[0]!);
      return paths;
    };
    this.#goTo(readLink(location.hash));
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
    document.addEventListener('pointerdown', (event) => closeMenus(this.#root, event.target as Node), {
      signal,
    });
    this.#draw();
    this.#panes.current.diagram.focus();
    // Now that sizes are known.
    this.#show(true);
  }

  end(): void {
    this.#address.end();
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

  #select(pane: number, row: number, middle = false): void {
    this.#panes.select(pane, row);
    this.#panes.reveal(middle);
    this.#refresh();
  }

  #activate(pane: number): void {
    if (!this.#panes.activate(pane)) return;
    this.#draw();
    this.#panes.current.diagram.focus();
    this.#panes.reveal(true);
    this.#refresh();
  }

  /** Draws what has changed, and scrolls to the selected events. */
  #show(atOnce = false): void {
    this.#draw();
    this.#panes.reveal(true);
    if (atOnce) this.#draw();
    else this.#refresh();
  }

  /** Shows what an address says. */
  #goTo(place: Place): void {
    this.#filter = place.filter;
    this.#search = place.search;
    this.#asTable = place.table;
    this.#panes.goTo(place);
  }

  #hashChanged(): void {
    const place = readLink(location.hash);
    if (!this.#address.isAsked || place.run !== this.run) return;
    this.#goTo(place);
    this.#show();
  }

  /** The address of the page as it is now. */
  #hash(): string {
    const { trace, selected } = this.#panes.current;
    return linkOf({
      ...placeOfRow(trace, selected),
      ...{ passing: this.#panes.active === 1, search: this.#search, filter: this.#filter },
      ...{ table: this.#asTable, run: this.run },
    });
  }

  #key(event: KeyboardEvent): void {
    const context = (strip: boolean): KeyContext => ({
      ...this.#actions,
      ...{ pane: this.#panes.current, strip },
      zoom: (what) => {
        this.#panes.current.overview[what]();
        this.#refresh();
      },
      search: () => this.#root.querySelector<HTMLElement>('#search')?.focus(),
    });
    pressed(event, context, (isField) => {
      closeMenus(this.#root);
      if (isField) this.#panes.current.diagram.focus();
    });
  }

  #setFilter(filter: Filter): void {
    this.#filter = filter;
    this.#show();
  }

  #draw(): void {
    document.body.classList.toggle('both', this.#both);
    document.body.classList.toggle('one', !this.#both);
    const { all, active, current } = this.#panes;
    for (const pane of all) {
      pane.filter = this.#filter;
      pane.search = this.#search;
      pane.unfolded = this.#unfolded;
    }
    const { trace, selected, diagram } = current;
    const shown = all.map((_, i) => i).filter((i) => this.#both || i === active);
    const { report } = this.#options;
    render(
      html`<header class="top">
          ${report === undefined ? nothing : html`<button type="button" @click=${report.back}>← Report</button>`}
          <h1>${printable(trace.scenario)}</h1>
          ${toolbarView(
            {
              ...{ panes: this.#panes, tools: this.#tools() },
              ...{ both: this.#both, unfolded: this.#unfolded, asTable: this.#asTable },
            },
            this.#actions,
          )}
        </header>
        <main>${shown.map((i) =>
          all[i]!.view({
            active: i === active,
            asTable: this.#asTable,
            select: (row) => this.#select(i, row, true),
            refresh: this.#refresh,
            showAll: () => this.#setFilter(NO_FILTER),
            link: () => location.href.replace(/#.*$/, '') + this.#hash(),
          }),
        )}</main>
        <p class="spoken" role="status" aria-live="polite">${diagram.hasFocus ? '' : current.sentence(selected)}</p>
        <footer>one-survivor ${printable(this.#version)} · trace ${printable(trace.traceHash)}</footer>`,
      this.#root,
    );
    for (const i of shown) all[i]!.paint();
    if (this.#asTable)
      for (const row of this.#root.querySelectorAll('tr.selected')) row.scrollIntoView({ block: 'nearest' });
    this.#address.follow();
  }

  /** The search field and the filters. */
  #tools(): ToolsContext {
    const { found, selected, trace } = this.#panes.current;
    return {
      ...{ search: this.#search, found: found.length, foundAt: found.indexOf(selected) + 1 },
      ...{ filter: this.#filter, names: trace.actors.map(({ name }) => name), paths: this.#paths },
      setSearch: (text) => {
        this.#search = text;
        this.#refresh();
      },
      go: (direction) => {
        const row = this.#panes.foundFrom(direction);
        if (row !== null) this.#select(this.#panes.active, row, true);
      },
      setFilter: (filter) => this.#setFilter(filter),
    };
  }
}
