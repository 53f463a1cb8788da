/** The buttons and fields above the runs. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { HELP, type ViewActions } from './keys.ts';
import type { Panes } from './panes.ts';
import { type ToolsContext, toolsView } from './tools.ts';

export interface ToolbarState {
  readonly panes: Panes;
  /** Both runs are shown. */
  readonly both: boolean;
  readonly unfolded: boolean;
  readonly asTable: boolean;
  readonly tools: ToolsContext;
}

export function toolbarView(
  { panes, both, unfolded, asTable, tools }: ToolbarState,
  actions: ViewActions,
): TemplateResult {
  const { items, selected, trace } = panes.current;
  const to = (row: number | undefined | null): (() => void) => {
    return () => {
      if (row !== undefined && row !== null) actions.go(row, true);
    };
  };
  const [back, forward] = [items.step(selected, -1), items.step(selected, 1)];
  const other = 1 - panes.active;
  return html`<div class="tools" role="group" aria-label="Navigation and display">
      <span class="joined"><button type="button" @click=${to(back)} ?disabled=${back === null}>↑ Back</button><button type="button" @click=${to(forward)} ?disabled=${forward === null}>↓ Forward</button></span>
      ${trace.pair.map((row, i) => (row < 0 ? nothing : html`<button type="button" class="place" @click=${to(row)}>${i === 0 ? '①' : '②'} decides</button>`))}
      ${trace.broken === null ? nothing : html`<button type="button" class="fails" @click=${to(trace.broken)}>✗ Violation</button>`}
      ${toolsView(tools)}
      ${
        panes.all.length > 1
          ? html`<button type="button" aria-pressed=${both} @click=${actions.toggleBoth}>Side by side</button>
            <button type="button" @click=${() => actions.activate(other)}>Show ${panes.all[other]!.trace.invariant === null ? 'passing' : 'failing'} run</button>
            <label><input type="checkbox" .checked=${panes.together} @change=${(event: Event) => {
              panes.together = (event.target as HTMLInputElement).checked;
            }}> Sync</label>`
          : nothing
      }
      ${trace.folds.length === 0 ? nothing : html`<button type="button" aria-pressed=${unfolded} @click=${actions.toggleFolds}>Unfold loops</button>`}
      <button type="button" aria-pressed=${asTable} @click=${actions.toggleTable}>Table</button>
      <details class="menu help"><summary>Keys</summary>
        <dl class="sheet">${HELP.map(([keys, what]) => html`<dt><kbd>${keys}</kbd></dt><dd>${what}</dd>`)}</dl></details>
    </div>`;
}

/** @param beside one that contains this stays open */
export function closeMenus(root: HTMLElement, beside: Node | null = null): void {
  for (const menu of root.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
    if (beside === null || !menu.contains(beside)) menu.open = false;
}
