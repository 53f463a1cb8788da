import type { TraceEvent } from '../run/index.ts';
import type { Item, TimelineRow } from './fold.ts';

/** So many lines are left out here. */
export interface Gap {
  readonly kind: 'gap';
  readonly lines: number;
  readonly until: TraceEvent;
}

/**
 * At most `room` items, gaps included: all of them if they fit; else those that must be there, then what stands out, then
 * what is nearest to them.
 *
 * @param room at least twice as many as must be there, and one
 */
export function chosen(items: readonly Item[], must: ReadonlySet<TimelineRow>, room: number): (Item | Gap)[] {
  if (items.length <= room) return [...items];
  const fixed = items.flatMap((item, at) => (item.kind === 'told' && must.has(item) ? [at] : []));
  const distance = (at: number): number => Math.min(...fixed.map((other) => Math.abs(other - at)));
  // A fold alone, without the lines that it repeats, says nothing.
  const ranked = items
    .flatMap((item, at) => (item.kind === 'told' ? [{ at, weight: weightOf(item, must) }] : []))
    .sort((a, b) => b.weight - a.weight || distance(a.at) - distance(b.at) || a.at - b.at);
  for (let keep = room; ; keep--) {
    const kept = withGaps(items, new Set(ranked.slice(0, keep).map(({ at }) => at)));
    if (kept.length <= room) return kept;
  }
}

function weightOf(told: TimelineRow, must: ReadonlySet<TimelineRow>): number {
  if (must.has(told)) return 2;
  return told.tone === 'mark' || told.tone === 'fault' || told.tone === 'life' ? 1 : 0;
}

function withGaps(items: readonly Item[], kept: ReadonlySet<number>): (Item | Gap)[] {
  const result: (Item | Gap)[] = [];
  let lines = 0;
  for (const [at, item] of items.entries()) {
    if (kept.has(at)) {
      if (lines > 0) result.push({ kind: 'gap', lines, until: untilOf(items[at - 1]!) });
      lines = 0;
      result.push(item);
    } else lines += item.kind === 'folded' ? item.lines * item.times : 1;
  }
  if (lines > 0) result.push({ kind: 'gap', lines, until: untilOf(items.at(-1)!) });
  return result;
}

function untilOf(item: Item): TraceEvent {
  return item.kind === 'told' ? item.event : item.until;
}
