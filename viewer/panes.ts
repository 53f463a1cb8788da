/** The runs of a page: which of them has the focus, and which row of each is selected. */
import type { PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore } from './lane.ts';
import { type Place, rowOfLink } from './link.ts';
import { Pane } from './pane.ts';

export class Panes {
  readonly all: readonly Pane[];
  /** Whether the other run follows. */
  together = true;
  #active = 0;

  constructor(traces: readonly PageTrace[]) {
    this.all = traces.map((trace, i) => new Pane(trace, `run${i}`, beginOf(trace)));
    this.#follow();
  }

  /** The index of the run that has the focus. */
  get active(): number {
    return this.#active;
  }

  get current(): Pane {
    return this.all[this.#active]!;
  }

  /** @returns false if there is no such run */
  activate(pane: number): boolean {
    if (this.all[pane] === undefined) return false;
    this.#active = pane;
    return true;
  }

  select(pane: number, row: number): void {
    this.#active = pane;
    this.current.selected = row;
    this.#follow();
  }

  /** Selects the event that an address names, if there is one. */
  goTo(place: Place): void {
    const pane = place.passing && this.all.length > 1 ? 1 : 0;
    const row = rowOfLink(this.all[pane]!.trace, place);
    if (row !== null) this.select(pane, row);
  }

  /** The next row, or the one before, in which the searched text was found; `null` if there is none. */
  foundFrom(direction: 1 | -1): number | null {
    const { found, selected } = this.current;
    if (found.length === 0) return null;
    const at = lastAtOrBefore(found, selected, (row) => row);
    const isAt = found[at] === selected;
    const next = direction > 0 ? at + 1 : isAt ? at - 1 : at;
    return found[(next + found.length) % found.length]!;
  }

  /** Scrolls to the selected rows. @param middle whether that of the run with the focus comes to the middle, as the others do */
  reveal(middle: boolean): void {
    for (const pane of this.all) pane.diagram.show(pane.selected, middle || pane !== this.current);
  }

  /** Moves the other run to the corresponding row. */
  #follow(): void {
    if (!this.together) return;
    const { trace, selected } = this.current;
    const place = trace.pair.indexOf(selected);
    for (const pane of this.all) {
      if (pane === this.current) continue;
      // A critical event corresponds to the same critical event in the other run, which has another step there.
      const same = pane.trace.pair[place] ?? -1;
      pane.selected = same >= 0 ? same : pane.rowOfStep(trace.rows[selected]?.step ?? 0);
    }
  }
}

/** The initial row: the second of the two critical events, otherwise the violation. */
function beginOf({ pair, broken }: PageTrace): number {
  return pair[1] ?? broken ?? 0;
}
