/** The page of an exploration. */
import { html, nothing, render, type TemplateResult } from 'lit-html';
import { createRef, ref } from 'lit-html/directives/ref.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { printable } from '../src/report/escape.ts';
import type { PageEnd, PageTree } from '../src/report/page/data.ts';
import { chosenView, ENDS } from './chosen.ts';
import { copyButton } from './copy.ts';
import { Outline } from './outline.ts';
import { whole } from './words.ts';

const SPARE_ROWS = 12;
/** In pixels. */
const ROW_HEIGHT = 26;
/** Deeper levels are not indented further; their number is shown. */
const MOST_INDENTS = 30;
const FILTERS = [
  [null, 'All runs'],
  ['passed', '✓ passes'],
  ['violated', '✗ violates'],
  ['joins', '↪ joins'],
] as const;

/** The page of an exploration: the tree of all schedules. */
export class TreeViewer {
  readonly #tree: PageTree;
  readonly #version: string;
  readonly #root: HTMLElement;
  readonly #outline: Outline;
  readonly #scroller = createRef<HTMLElement>();
  readonly #list = createRef<HTMLElement>();
  #selected = 0;
  #end: PageEnd = null;
  #search = '';
  /** How many runs pass the filter. */
  #passing: number;

  constructor(tree: PageTree, version: string, root: HTMLElement) {
    this.#tree = tree;
    this.#version = version;
    this.#root = root;
    this.#outline = new Outline(tree);
    this.#passing = this.#outline.filter(null, '');
  }

  start(): void {
    document.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('resize', this.#draw);
    this.#draw();
    const violated = this.#outline.firstEnd('violated');
    this.#go(Math.max(0, violated), true);
    this.#list.value?.focus({ preventScroll: true });
  }

  /** @param middle centers a node that was not visible */
  #go(at: number | undefined, middle = false): void {
    if (at === undefined || at < 0) return;
    this.#selected = at;
    this.#outline.reveal(at);
    this.#draw();
    const scroller = this.#scroller.value!;
    const top = this.#outline.seen.indexOf(at) * ROW_HEIGHT;
    const room = scroller.clientHeight;
    const above = top < scroller.scrollTop;
    const below = top + ROW_HEIGHT > scroller.scrollTop + room;
    if (middle && (above || below)) scroller.scrollTop = top - room / 2;
    else if (above) scroller.scrollTop = top;
    else if (below) scroller.scrollTop = top + ROW_HEIGHT - room;
    this.#draw();
  }

  /** The number of nodes of a page. */
  get #page(): number {
    return Math.max(1, Math.floor((this.#scroller.value?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
  }

  #toggle(at: number, open?: boolean): void {
    this.#outline.toggle(at, open);
    this.#go(at);
  }

  #filter(end: PageEnd, search: string): void {
    this.#end = end;
    this.#search = search;
    this.#passing = this.#outline.filter(end, search);
    // The nearest node above that is still shown.
    let at = this.#selected;
    while (!this.#outline.passes(at)) at = this.#outline.nodes[at]!.parent;
    this.#go(at);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === '/' && target.tagName !== 'INPUT') {
      event.preventDefault();
      this.#root.querySelector<HTMLElement>('#search')?.focus();
      return;
    }
    if (target.tagName === 'INPUT') {
      if (event.key === 'Escape' || event.key === 'Enter') this.#list.value?.focus({ preventScroll: true });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { seen, children, nodes } = this.#outline;
    const at = this.#selected;
    const place = seen.indexOf(at);
    const acts: Record<string, () => void> = {
      ArrowDown: () => this.#go(seen[place + 1]),
      ArrowUp: () => this.#go(seen[place - 1]),
      ArrowRight: () => (this.#outline.isOpen(at) ? this.#go(children[at]![0]) : this.#toggle(at, true)),
      ArrowLeft: () => (this.#outline.isOpen(at) ? this.#toggle(at, false) : this.#go(nodes[at]!.parent)),
      Enter: () => this.#toggle(at),
      Home: () => this.#go(seen[0]),
      End: () => this.#go(seen.at(-1)),
      PageDown: () => this.#go(seen[Math.min(seen.length - 1, place + this.#page)]),
      PageUp: () => this.#go(seen[Math.max(0, place - this.#page)]),
      e: () => {
        if (this.#outline.passes(Math.max(0, this.#outline.firstEnd('violated'))))
          this.#go(this.#outline.firstEnd('violated'), true);
      },
    };
    const onButton = target.tagName === 'BUTTON' && event.key === 'Enter';
    if (!Object.hasOwn(acts, event.key) || onButton) return;
    event.preventDefault();
    acts[event.key]!();
  }

  readonly #draw = (): void => {
    const { scenario, facts, commands, left } = this.#tree;
    const { seen } = this.#outline;
    const scroller = this.#scroller.value;
    const first = Math.max(0, Math.floor((scroller?.scrollTop ?? 0) / ROW_HEIGHT) - SPARE_ROWS);
    const last = first + Math.ceil((scroller?.clientHeight ?? 800) / ROW_HEIGHT) + 2 * SPARE_ROWS;
    render(
      html`<header class="top"><h1>${printable(scenario)}</h1>
          ${facts.map((fact) => html`<p>${printable(fact)}</p>`)}
          ${commands.map((command) => html`<p class="command"><code tabindex="0">${printable(command)}</code>${copyButton(command, 'the command')}</p>`)}
          ${left === 0 ? nothing : html`<p class="note">${whole(left)} more runs are not shown</p>`}
          <div class="tools" role="group" aria-label="Which runs are shown">${FILTERS.filter(
            ([end]) => end === null || this.#outline.firstEnd(end) >= 0,
          ).map(
            ([end, words]) =>
              html`<button type="button" aria-pressed=${end === this.#end} @click=${() => this.#filter(end, this.#search)}>${words}</button>`,
          )}
            <input type="search" id="search" placeholder="Search (/)" aria-label="Only runs that have a step with this text" .value=${this.#search}
              @input=${(event: Event) => this.#filter(this.#end, (event.target as HTMLInputElement).value)}>
            <span class="facts" role="status">${whole(this.#passing)} ${this.#passing === 1 ? 'run' : 'runs'}</span></div>
          <p class="facts">↓ ↑ from node to node, Page Down and Page Up further · → open · ← close · e the violation</p>
        </header>
        <main class="scroller tree" ${ref(this.#scroller)} @scroll=${this.#draw}>
          <div role="tree" tabindex="0" aria-label="All schedules" ${ref(this.#list)} aria-activedescendant=${`node-${this.#selected}`}
            .style=${`height: ${seen.length * ROW_HEIGHT}px`}>
            ${repeat(
              seen.slice(first, last).map((at, i) => ({ at, place: first + i })),
              ({ at }) => at,
              ({ at, place }) => this.#node(at, place),
            )}
          </div>
        </main>
        ${chosenView(this.#tree, this.#outline, this.#selected)}
        <footer>one-survivor ${printable(this.#version)}</footer>`,
      this.#root,
    );
  };

  #wordsOf(at: number): string {
    const { labels, parent } = this.#outline.nodes[at]!;
    return labels.map(printable).join(' · ') || (parent < 0 ? 'the beginning' : 'undisturbed');
  }

  #node(at: number, place: number): TemplateResult {
    const { nodes, children, levels, runs } = this.#outline;
    const { end, parent } = nodes[at]!;
    const level = levels[at]!;
    const siblings = parent < 0 ? [at] : children[parent]!;
    const isLeaf = children[at]!.length === 0;
    const open = this.#outline.isOpen(at);
    const words = this.#wordsOf(at);
    const classes = ['node', at === this.#selected ? 'selected' : '', end ?? ''];
    return html`<div class=${classes.join(' ')} id=${`node-${at}`} role="treeitem" aria-level=${level}
      aria-setsize=${siblings.length} aria-posinset=${siblings.indexOf(at) + 1} aria-selected=${at === this.#selected}
      aria-expanded=${isLeaf ? nothing : open} title=${words}
      .style=${`top: ${place * ROW_HEIGHT}px; padding-left: ${Math.min(level, MOST_INDENTS) * 14}px`}
      @click=${() => this.#toggle(at)}>
      <span class="handle" aria-hidden="true">${isLeaf ? '' : open ? '▾' : '▸'}</span>
      ${level > MOST_INDENTS ? html`<span class="facts">level ${level} </span>` : nothing}
      <span class="text">${words}</span>
      ${end === null ? nothing : html`<span class="end">${ENDS[end]}</span>`}
      ${isLeaf ? nothing : html`<span class="facts">${whole(runs[at]!)} runs</span>`}
    </div>`;
  }
}
