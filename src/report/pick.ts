import { eventOf, type Item, type TimelineRow } from './fold.ts';

/**
 * At most `room` items, including omissions: all of them if they fit; otherwise those that must be included, then what stands out, then
 * those nearest to them.
 *
 * @param room at least twice the number of items that must be included, plus one
 */
export function chosen(items: readonly Item[], must: ReadonlySet<TimelineRow>, room: number): Item[] {
  if (items.length <= room) return [...items];
  const fixed = items.flatMap((item, at) => (item.kind === 'row' && must.has(item) ? [at] : []));
  const distance = (at: number): number => Math.min(...fixed.map((other) => Math.abs(other - at)));
  // A fold without the lines that it repeats is meaningless.
  const ranked = items
    .flatMap((item, at) => (item.kind === 'row' ? [{ at, weight: weightOf(item, must) }] : []))
    .sort((a, b) => b.weight - a.weight || distance(a.at) - distance(b.at) || a.at - b.at);
  for (let keep = room; ; keep--) {
    const kept = withOmissions(items, new Set(ranked.slice(0, keep).map(({ at }) => at)));
    if (kept.length <= room) return kept;
  }
}

function weightOf(row: TimelineRow, must: ReadonlySet<TimelineRow>): number {
  if (must.has(row)) return 2;
  return row.tone === 'mark' || row.tone === 'fault' || row.tone === 'life' ? 1 : 0;
}

function withOmissions(items: readonly Item[], kept: ReadonlySet<number>): Item[] {
  const result: Item[] = [];
  let lines = 0;
  for (const [at, item] of items.entries()) {
    if (kept.has(at)) {
      if (lines > 0) result.push({ kind: 'omitted', lines, until: eventOf(items[at - 1]!) });
      lines = 0;
      result.push(item);
    } else lines += item.kind === 'folded' ? item.lines * item.times : 1;
  }
  if (lines > 0) result.push({ kind: 'omitted', lines, until: eventOf(items.at(-1)!) });
  return result;
}
