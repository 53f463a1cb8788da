import { html, type TemplateResult } from 'lit-html';
import { printable } from '../src/report/escape.ts';
import type { PageTrace } from '../src/report/page/data.ts';
import { asideView } from './aside.ts';
import { Diagram } from './diagram.ts';
import { laneOf, lastAtOrBefore, type Segment } from './lane.ts';
import { Machines } from './machine.ts';
import { tableView } from './table.ts';
import { sentence, whole } from './words.ts';

/** One trace, and the current row. */
export class Pane {
  readonly trace: PageTrace;
  readonly diagram = new Diagram();
  readonly label: string;
  readonly #id: string;
  readonly #run: string;
  readonly #machines: Machines;
  #group: string | undefined;
  #lane: readonly Segment[];
  selected: number;

  constructor(trace: PageTrace, id: string, selected: number) {
    this.trace = trace;
    this.#id = id;
    this.#run = trace.invariant === null ? 'Passing run' : 'Failing run';
    this.label = `${this.#run}: ${whole(trace.rows.length)} events`;
    this.#machines = new Machines(trace);
    this.#group = trace.claims[0];
    this.#lane = laneOf(trace, this.#group);
    this.selected = this.clamped(selected);
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

  view(context: {
    active: boolean;
    asTable: boolean;
    select: (row: number) => void;
    refresh: () => void;
  }): TemplateResult {
    const { active, asTable, select, refresh } = context;
    const { trace, selected, label } = this;
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
    return html`<section class="pane ${active ? 'active' : ''}" aria-label=${label}>
      <header>${verdict}
        <p class="facts"><code tabindex="0">${printable(trace.command)}</code></p>
        ${trace.notes.map((note) => html`<p class="note">${printable(note)}</p>`)}
      </header>
      ${
        asTable
          ? tableView(trace, this.#lane, selected, label, select)
          : this.diagram.view({
              ...{ id: this.#id, trace, lane: this.#lane, group: this.#group, selected, label },
              ...{ select, chooseGroup, scrolled: refresh },
            })
      }
      ${asideView(trace, selected, this.#machines.at(frameAt(selected - 1)), this.#machines.at(frameAt(selected)), this.#run)}
    </section>`;
  }
}
