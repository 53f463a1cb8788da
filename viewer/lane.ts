import type { PageTrace } from '../src/report/page/data.ts';
import { familyOf, inNumericOrder } from '../src/report/page/path-group.ts';

/** What a claim's file holds, from a row on. */
export interface Segment {
  readonly row: number;
  /** Which of the family; null: none is there. */
  readonly path: string | null;
  /** null: a directory, or none. */
  readonly text: string | null;
}

/** The contents of a family of files as the run goes on: of numbered files, the highest that is there. */
export function laneOf({ rows, frames }: PageTrace, family: string | undefined): Segment[] {
  const segments: Segment[] = [];
  if (family === undefined) return segments;
  const files = new Map<string, string | null>();
  let frame = -1;
  for (const [row, { frame: until }] of rows.entries()) {
    let changed = row === 0;
    while (frame < until) {
      for (const [path, text] of Object.entries(frames[++frame]!.files ?? {})) {
        if (familyOf(path) !== family) continue;
        changed = true;
        if (text === false) files.delete(path);
        else files.set(path, text);
      }
    }
    if (!changed) continue;
    const path = [...files.keys()].sort(inNumericOrder).at(-1) ?? null;
    const text = path === null ? null : files.get(path)!;
    const before = segments.at(-1);
    if (before === undefined || before.path !== path || before.text !== text)
      segments.push({ row, path, text });
  }
  return segments;
}

/** The index of the last of a sorted list that begins at or before a row; -1: none. */
export function lastAtOrBefore<T>(list: readonly T[], row: number, rowOf: (each: T) => number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rowOf(list[middle]!) <= row) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
