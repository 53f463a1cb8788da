import { html, nothing, render, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageData, PageTrace } from '../src/report/page/data.ts';
import { Pane } from './pane.ts';
import { TreeViewer } from './tree.ts';

const HELP = [
  ['↓ ↑, j k', 'one event forward, back'],
  ['Page Down, Page Up', 'one page forward, back'],
  ['Home, End', 'first, last event'],
  ['n, p', 'next, previous event that is marked or not a plain call'],
  ['1, 2', 'the two events whose order decides'],
  ['e', 'the event that violates the invariant'],
  ['← →', 'the other run'],
  ['c', 'one run, or both side by side'],
  ['t', 'diagram or table'],
] as const;

/** The page: one trace, or two side by side. */
class Viewer {
  readonly #data: PageData;
  readonly #panes: readonly Pane[];
  #active = 0;
  #both: boolean;
  #together = true;
  #asTable = false;
  #scheduled = false;

  constructor(data: PageData) {
    this.#data = data;
    this.#panes = data.traces.map((trace, i) => new Pane(trace, `run${i}`, beginOf(trace)));
    this.#both = this.#panes.length > 1 && window.innerWidth >= 1300;
    this.#follow();
  }

  start(): void {
    document.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('resize', this.#refresh);
    this.#draw();
    this.#panes[0]?.diagram.focus();
    this.#reveal(true);
    // Now that sizes are known.
    this.#draw();
  }

  readonly #refresh = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  };

  get #pane(): Pane {
    return this.#panes[this.#active]!;
  }

  #select(pane: number, row: number, middle = false): void {
    this.#active = pane;
    this.#pane.selected = this.#pane.clamped(row);
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
    for (const pane of this.#panes) {
      const { actor = 0, to = null } = pane.trace.rows[pane.selected] ?? {};
      pane.diagram.show(pane.selected, to === null ? [actor] : [actor, to], middle || pane !== this.#pane);
    }
  }

  #activate(pane: number): void {
    if (this.#panes[pane] === undefined) return;
    this.#active = pane;
    this.#draw();
    this.#pane.diagram.focus();
    this.#reveal(true);
    this.#refresh();
  }

  #toggleBoth(): void {
    this.#both = !this.#both && this.#panes.length > 1;
    this.#activate(this.#active);
  }

  #toggleTable(): void {
    this.#asTable = !this.#asTable;
    this.#activate(this.#active);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || /^(?:SELECT|INPUT)$/.test(target.tagName)) return;
    const { selected, trace, diagram } = this.#pane;
    const go = (row: number | null | undefined, middle = false): void => {
      if (row !== null && row !== undefined && row !== -1) this.#select(this.#active, row, middle);
    };
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(selected + 1),
      j: () => go(selected + 1),
      ArrowUp: () => go(Math.max(0, selected - 1)),
      k: () => go(Math.max(0, selected - 1)),
      PageDown: () => go(selected + diagram.page),
      PageUp: () => go(Math.max(0, selected - diagram.page)),
      Home: () => go(0),
      End: () => go(trace.rows.length - 1),
      n: () => go(this.#marked(1), true),
      p: () => go(this.#marked(-1), true),
      1: () => go(trace.pair[0], true),
      2: () => go(trace.pair[1], true),
      e: () => go(trace.broken, true),
      ArrowLeft: () => this.#activate(0),
      ArrowRight: () => this.#activate(1),
      c: () => this.#toggleBoth(),
      t: () => this.#toggleTable(),
    };
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined;
    // Elements that scroll keep their arrow keys.
    const scrolls = /^(?:PRE|CODE|TABLE)$/.test(target.tagName) && event.key.length > 1;
    if (act === undefined || scrolls) return;
    event.preventDefault();
    act();
  }

  /** The nearest row in a direction that is not a plain call. */
  #marked(direction: 1 | -1): number | null {
    const { trace, selected } = this.#pane;
    for (let at = selected + direction; at >= 0 && at < trace.rows.length; at += direction) {
      if (trace.rows[at]!.shape !== 'call' || trace.pair.includes(at) || trace.broken === at) return at;
    }
    return null;
  }

  #draw(): void {
    document.body.classList.toggle('both', this.#both);
    document.body.classList.toggle('one', !this.#both);
    const { trace, selected, diagram } = this.#pane;
    const shown = this.#panes.map((_, i) => i).filter((i) => this.#both || i === this.#active);
    render(
      html`<header class="top">
          <h1>${printable(trace.scenario)}</h1>
          ${this.#toolbar(trace, selected)}
        </header>
        <main>${shown.map((i) =>
          this.#panes[i]!.view({
            active: i === this.#active,
            asTable: this.#asTable,
            select: (row) => this.#select(i, row),
            refresh: this.#refresh,
          }),
        )}</main>
        <p class="spoken" role="status" aria-live="polite">${diagram.hasFocus ? '' : this.#pane.sentence(selected)}</p>
        <footer>one-survivor ${printable(this.#data.version)} · trace ${printable(trace.traceHash)}</footer>`,
      root,
    );
    if (this.#asTable)
      for (const row of root.querySelectorAll('tr.selected')) row.scrollIntoView({ block: 'nearest' });
  }

  #toolbar(trace: PageTrace, selected: number): TemplateResult {
    const to = (row: number | undefined | null): (() => void) => {
      return () => {
        if (row !== undefined && row !== null) this.#select(this.#active, row, true);
      };
    };
    const many = this.#panes.length > 1;
    const other = 1 - this.#active;
    return html`<div class="tools" role="group" aria-label="Navigation and display">
      <button type="button" @click=${to(selected - 1)} ?disabled=${selected <= 0}>↑ Back</button>
      <button type="button" @click=${to(selected + 1)} ?disabled=${selected >= trace.rows.length - 1}>↓ Forward</button>
      ${trace.pair.map((row, i) => (row < 0 ? nothing : html`<button type="button" @click=${to(row)}>${i === 0 ? '①' : '②'} decides</button>`))}
      ${trace.broken === null ? nothing : html`<button type="button" class="fails" @click=${to(trace.broken)}>✗ Violation</button>`}
      ${
        many
          ? html`<button type="button" aria-pressed=${this.#both} @click=${() => this.#toggleBoth()}>Side by side</button>
            <button type="button" @click=${() => this.#activate(other)}>Show ${this.#panes[other]!.trace.invariant === null ? 'passing' : 'failing'} run</button>
            <label><input type="checkbox" .checked=${this.#together} @change=${(event: Event) => {
              this.#together = (event.target as HTMLInputElement).checked;
            }}> Sync</label>`
          : nothing
      }
      <button type="button" aria-pressed=${this.#asTable} @click=${() => this.#toggleTable()}>Table</button>
      <details class="help"><summary>Keys</summary>
        <dl>${HELP.map(([keys, what]) => html`<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`)}</dl></details>
    </div>`;
  }
}

/** The initial row: the second of the two critical events, otherwise the violation. */
function beginOf({ pair, broken }: PageTrace): number {
  return pair[1] ?? broken ?? 0;
}

const root = document.createElement('div');
root.id = 'root';
document.body.append(root);
const data = JSON.parse(document.getElementById('data')!.textContent ?? '') as PageData;
if (data.tree === undefined) new Viewer(data).start();
else new TreeViewer(data.tree, data.version, root).start();
