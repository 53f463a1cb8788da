/** What the list of a run shows from top to bottom: rows, gaps in time, and loops that are folded. */
import type { PageFold, PageTrace } from '../src/report/page/data.ts';
import { lastAtOrBefore } from './lane.ts';

export type Item =
  | { readonly kind: 'row'; readonly row: number }
  /** Time passes before a row. */
  | { readonly kind: 'gap'; readonly row: number; readonly ms: number }
  /** Rows that repeat those before them; `row` is the first of them. */
  | { readonly kind: 'fold'; readonly row: number; readonly fold: PageFold };

/** A gap of at least this many simulated milliseconds gets a line. */
export const GAP_MS = 10;

export class Items {
  readonly all: readonly Item[];
  /** How many rows are shown, without those in folds. */
  readonly rows: number;
  /** For each item, how many rows are shown before it. */
  readonly positions: readonly number[];
  /** How many rows pass the filter, those in folds too. */
  readonly passing: number;

  /**
   * @param passes whether a row passes the filter
   * @param isOpen whether a fold is open
   */
  constructor(trace: PageTrace, passes: (row: number) => boolean, isOpen: (fold: PageFold) => boolean) {
    const { rows, folds } = trace;
    const all: Item[] = [];
    const positions: number[] = [];
    const add = (item: Item): void => {
      all.push(item);
      positions.push(shown);
    };
    let next = 0;
    let beforeMs = 0;
    let shown = 0;
    let passing = 0;
    for (let row = 0; row < rows.length; row++) {
      while (next < folds.length && folds[next]!.from + folds[next]!.count <= row) next++;
      const fold = folds[next];
      if (fold !== undefined && fold.from === row && !isOpen(fold)) {
        let inside = 0;
        for (let at = row; at < row + fold.count; at++) if (passes(at)) inside++;
        passing += inside;
        if (inside > 0) add({ kind: 'fold', row, fold });
        row += fold.count - 1;
        if (inside > 0) beforeMs = rows[row]!.atMs;
        continue;
      }
      if (!passes(row)) continue;
      passing++;
      const ms = rows[row]!.atMs - beforeMs;
      if (ms >= GAP_MS) add({ kind: 'gap', row, ms });
      add({ kind: 'row', row });
      shown++;
      beforeMs = rows[row]!.atMs;
    }
    this.all = all;
    this.positions = positions;
    this.rows = shown;
    this.passing = passing;
  }

  /** The index of the item of a row; if it is not shown, that of the last item before it, or -1. */
  indexOf(row: number): number {
    return lastAtOrBefore(this.all, row, (item) => item.row);
  }

  shows(row: number): boolean {
    const item = this.all[this.indexOf(row)];
    return item?.kind === 'row' && item.row === row;
  }

  /** The next shown row in a direction, so many rows further if there are as many; `null` if there is none. */
  step(row: number, count: number): number | null {
    const direction = Math.sign(count);
    let found: number | null = null;
    let left = Math.abs(count);
    for (
      let at = this.indexOf(row) + (direction > 0 ? 1 : this.shows(row) ? -1 : 0);
      left > 0;
      at += direction
    ) {
      const item = this.all[at];
      if (item === undefined) break;
      if (item.kind !== 'row') continue;
      found = item.row;
      left--;
    }
    return found;
  }

  first(): number | null {
    return this.all.find(({ kind }) => kind === 'row')?.row ?? null;
  }

  last(): number | null {
    return this.all.findLast(({ kind }) => kind === 'row')?.row ?? null;
  }
}
