import type { PageTrace } from '../src/report/page/data.ts';
import { inNumericOrder, pathGroupOf } from '../src/report/page/path-group.ts';

/** The content of the file of a claim, from a row on. */
export interface Segment {
  readonly row: number;
  /** The file of the group; `null` if there is none. */
  readonly path: string | null;
  /** `null` for a directory, or if there is no file. */
  readonly text: string | null;
}

/** The content of a group of files over time: of numbered files, the highest existing one. */
export function laneOf({ rows, frames }: PageTrace, group: string | undefined): Segment[] {
  const segments: Segment[] = [];
  if (group === undefined) return segments;
  const files = new Map<string, string | null>();
  let frame = -1;
  for (const [row, { frame: until }] of rows.entries()) {
    let changed = row === 0;
    while (frame < until) {
      for (const [path, text] of Object.entries(frames[++frame]!.files ?? {})) {
        if (pathGroupOf(path) !== group) continue;
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

/** The index of the last element of a sorted list that starts at or before a row; -1 if there is none. */
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
