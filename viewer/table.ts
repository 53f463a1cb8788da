import { html, nothing, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore, type Segment } from './lane.ts';
import { ms, PLACES, segmentText, signsOf, whole } from './words.ts';

/** The table is divided into pages, which are fully rendered for screen readers and searching. */
const PAGE_ROWS = 200;

export interface TableContext {
  readonly trace: PageTrace;
  readonly lane: readonly Segment[];
  readonly selected: number;
  readonly label: string;
  readonly select: (row: number) => void;
  readonly passes: (row: number) => boolean;
}

/** The run as a table: the page with the selected row. */
export function tableView({ trace, lane, selected, label, select, passes }: TableContext): TemplateResult {
  const { rows, actors, pair, broken } = trace;
  const from = Math.floor(selected / PAGE_ROWS) * PAGE_ROWS;
  const until = Math.min(rows.length, from + PAGE_ROWS);
  return html`<div class="table-view">
    <div class="pages" role="group" aria-label="Pages of the table">
      <button type="button" ?disabled=${from === 0} @click=${() => select(from - PAGE_ROWS)}>Previous</button>
      <span>events ${whole(from + 1)} to ${whole(until)} of ${whole(rows.length)}</span>
      <button type="button" ?disabled=${until >= rows.length} @click=${() => select(until)}>Next</button>
    </div>
    <table tabindex="0">
      <caption>${label}</caption>
      <thead><tr><th scope="col">step</th><th scope="col">ms</th><th scope="col">process</th><th scope="col">what happened</th>
        <th scope="col">to</th><th scope="col">the claim's file</th><th scope="col">remark</th></tr></thead>
      <tbody>${rows.slice(from, until).map((row, i) => {
        const at = from + i;
        if (!passes(at)) return nothing;
        const segment = lane[lastAtOrBefore(lane, at, (each) => each.row)];
        const place = pair.indexOf(at);
        const classes = [at === selected ? 'selected' : '', broken === at || place >= 0 ? 'decides' : ''];
        return html`<tr class=${classes.join(' ')} aria-current=${at === selected} @click=${() => select(at)}>
          <td class="step">${whole(row.step)}</td><td class="ms">${ms(row.atMs)}</td>
          <th scope="row">${printable(actors[row.actor]!.name)}</th><td>${place < 0 ? '' : `${PLACES[place]} `}${row.text}</td>
          <td class="to">${row.to === null ? '' : printable(actors[row.to]!.name)}</td>
          <td>${segment === undefined ? '' : segmentText(segment)}</td><td class="remark">${signsOf(trace, at).join('; ')}</td></tr>`;
      })}</tbody>
    </table>
  </div>`;
}
