/** The search field and the filters above the runs. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import { conditionsOf, type Filter, HIDDEN, NO_FILTER, ONLY } from './filter.ts';
import { whole } from './words.ts';

export interface ToolsContext {
  readonly search: string;
  /** How many events the search finds, and which of them is selected, counted from 1; 0: none. */
  readonly found: number;
  readonly foundAt: number;
  readonly filter: Filter;
  readonly names: readonly string[];
  readonly paths: () => readonly string[];
  readonly setSearch: (text: string) => void;
  readonly go: (direction: 1 | -1) => void;
  readonly setFilter: (filter: Filter) => void;
}

const ONLY_WORDS = { errors: 'errors', faults: 'faults', marks: 'marks (★)' } as const;
const HIDDEN_WORDS = { closes: 'closes', reads: 'reads, stats and clocks' } as const;

export function toolsView(context: ToolsContext): TemplateResult {
  const { search, found, foundAt, setSearch, go } = context;
  return html`<div class="search" role="search">
      <input type="search" id="search" placeholder="Search (/)" aria-label="Search in the events" .value=${search}
        @input=${(event: Event) => setSearch((event.target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          go(event.shiftKey ? -1 : 1);
        }}>
      ${
        search === ''
          ? nothing
          : html`<span class="facts" role="status">${found === 0 ? 'not found' : `${foundAt === 0 ? '' : `${whole(foundAt)} of `}${whole(found)} found`}</span>
            <button type="button" aria-label="Previous event found" title="Previous (Shift+Enter)" ?disabled=${found === 0} @click=${() => go(-1)}>↑</button>
            <button type="button" aria-label="Next event found" title="Next (Enter)" ?disabled=${found === 0} @click=${() => go(1)}>↓</button>`
      }
    </div>
    ${filterView(context)}`;
}

function filterView({ filter, names, paths, setFilter }: ToolsContext): TemplateResult {
  const count = conditionsOf(filter);
  const box = (label: string, checked: boolean, change: (is: boolean) => void): TemplateResult =>
    html`<label><input type="checkbox" .checked=${checked} @change=${(event: Event) => change((event.target as HTMLInputElement).checked)}> ${label}</label>`;
  return html`<details class="menu filters"><summary class=${count > 0 ? 'set' : ''}>Filter${count === 0 ? '' : ` (${count})`}</summary>
    <div class="sheet">
      <fieldset><legend>Only</legend>${ONLY.map((name) =>
        box(ONLY_WORDS[name], filter.only.has(name), (is) =>
          setFilter({ ...filter, only: withOrNot(filter.only, name, is) }),
        ),
      )}</fieldset>
      <fieldset><legend>Hide</legend>${HIDDEN.map((name) =>
        box(HIDDEN_WORDS[name], filter.hide.has(name), (is) =>
          setFilter({ ...filter, hide: withOrNot(filter.hide, name, is) }),
        ),
      )}</fieldset>
      <fieldset><legend>Path</legend><input type="text" list="paths" aria-label="Part of a path" placeholder="all paths" .value=${filter.path}
        @input=${(event: Event) => setFilter({ ...filter, path: (event.target as HTMLInputElement).value.trim() })}>
        <datalist id="paths">${paths().map((path) => html`<option value=${path}></option>`)}</datalist></fieldset>
      <fieldset class="processes"><legend>Processes</legend>${names.map((name) =>
        box(printable(name), !filter.without.has(name), (is) =>
          setFilter({ ...filter, without: withOrNot(filter.without, name, !is) }),
        ),
      )}
        <p><button type="button" class="link" @click=${() => setFilter({ ...filter, without: new Set() })}>all</button>
        <button type="button" class="link" @click=${() => setFilter({ ...filter, without: new Set(names) })}>none</button></p></fieldset>
      <button type="button" ?disabled=${count === 0} @click=${() => setFilter(NO_FILTER)}>Show all events</button>
    </div></details>`;
}

function withOrNot<T>(set: ReadonlySet<T>, each: T, is: boolean): Set<T> {
  const next = new Set(set);
  if (is) next.add(each);
  else next.delete(each);
  return next;
}
