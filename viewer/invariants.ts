/** What the invariants say at the selected event, and over the whole run. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageInvariant, PageInvariantState, PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore } from './lane.ts';

export function invariantsView(
  { invariants, rows }: PageTrace,
  at: number,
  run: string,
  select: (row: number) => void,
): TemplateResult | typeof nothing {
  if (invariants.length === 0 || rows.length === 0) return nothing;
  return html`<section aria-label=${`Invariants: ${run}`}><h3>Invariants</h3>
    <ul class="invariants">${invariants.map((invariant) => {
      const state = stateAt(invariant, at);
      return html`<li class=${state}>
        <p><b>${printable(invariant.name)}</b> <span>${inWords(invariant, state)}</span></p>
        <div class="history">${invariant.states.map(([from, each], i) => {
          const until = invariant.states[i + 1]?.[0] ?? rows.length;
          const words = `${inWords(invariant, each)} from step ${rows[from]?.step ?? 0} on`;
          return html`<button type="button" class=${each} title=${words} aria-label=${words} @click=${() => select(from)}
            .style=${`left: ${share(from)}; width: ${share(Math.max(until - from, 0.5))}`}></button>`;
        })}<i class="now" .style=${`left: ${share(at + 0.5)}`}></i></div></li>`;
    })}</ul></section>`;

  function share(count: number): string {
    return `${(100 * count) / rows.length}%`;
  }
}

function stateAt({ states }: PageInvariant, at: number): PageInvariantState {
  return states[lastAtOrBefore(states, at, ([from]) => from)]?.[1] ?? 'open';
}

function inWords({ kind }: PageInvariant, state: PageInvariantState): string {
  if (state === 'violated') return kind === 'always' ? '✗ violated' : '✗ not true at the end';
  if (kind === 'sometimes') return state === 'reached' ? '✓ reached' : 'not reached yet';
  if (kind === 'eventually') return state === 'holds' ? '✓ true' : 'not true yet';
  return '✓ holds';
}
