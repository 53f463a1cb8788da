/** The horizontal scale of the overview: each row takes the same room, and long gaps in time a little more. */
import type { PageTrace } from '../src/report/page/data.ts';
import { GAP_MS } from './items.ts';
import { lastAtOrBefore } from './lane.ts';

/** A gap takes as much room as this part of all rows. */
const GAP_SHARE = 0.035;
const LEAST_GAP = 1.5;

export interface Gap {
  /** The row after it. */
  readonly row: number;
  readonly ms: number;
}

/** Positions are in units: the room of one row. */
export class Scale {
  readonly length: number;
  readonly gaps: readonly Gap[];
  readonly gapUnits: number;
  readonly #starts: readonly number[];

  constructor({ rows }: PageTrace) {
    const gapUnits = Math.max(LEAST_GAP, rows.length * GAP_SHARE);
    const gaps: Gap[] = [];
    let at = 0;
    let beforeMs = 0;
    this.#starts = rows.map(({ atMs }, row) => {
      const ms = atMs - beforeMs;
      beforeMs = atMs;
      if (ms >= GAP_MS) {
        gaps.push({ row, ms });
        at += gapUnits;
      }
      return at++;
    });
    this.gapUnits = gapUnits;
    this.gaps = gaps;
    this.length = Math.max(1, at);
  }

  /** Where a row begins. */
  startOf(row: number): number {
    return this.#starts[row] ?? this.length;
  }

  middleOf(row: number): number {
    return this.startOf(row) + 0.5;
  }

  rowAt(units: number): number {
    return Math.max(
      0,
      lastAtOrBefore(this.#starts, units, (start) => start),
    );
  }
}
