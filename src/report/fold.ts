import type { TraceEvent } from '../run/index.ts';
import type { Described } from './describe.ts';

/** A line of a timeline, before it is laid out. */
export type Item = TimelineRow | Folded | Omitted;

export interface TimelineRow extends Described {
  readonly kind: 'told';
  readonly event: TraceEvent;
}

/** The `lines` lines before this one happened `times` more. */
export interface Folded {
  readonly kind: 'folded';
  readonly lines: number;
  readonly times: number;
  readonly until: TraceEvent;
}

/** So many lines are left out here. */
export interface Omitted {
  readonly kind: 'elided';
  readonly lines: number;
  readonly until: TraceEvent;
}

/** The longest stretch that is looked for as a repeat. */
const LONGEST_REPEAT = 24;
/** A fold must save so many lines to be worth its own. */
const LEAST_SAVED = 3;

/** Repeats (polling, heartbeats) shown once. The last line is the point of the story and stays. */
export function fold(told: readonly TimelineRow[]): Item[] {
  const keys = told.map(keyOf);
  const end = told.length - 1;
  const items: Item[] = [];
  for (let at = 0; at < told.length; ) {
    const { lines, times } = repeatAt(keys, at, end);
    if (times === 0) {
      items.push(told[at++]!);
      continue;
    }
    items.push(...told.slice(at, at + lines));
    at += lines * (times + 1);
    items.push({ kind: 'folded', lines, times, until: told[at - 1]!.event });
  }
  return items;
}

/** The middle left out when there are more than `most` items, but for what stands out. */
export function elide(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  const head = Math.floor(most / 3);
  const tail = Math.floor(most / 2);
  const room = most - head - tail;
  const from = items.length - tail;
  const middle = items.slice(head, from);
  const notable = new Set(middle.filter(standsOut).slice(0, Math.floor(room / 2)));
  const kept: Item[] = [];
  let skipped: Item[] = [];
  const close = (): void => {
    if (skipped.length === 0) return;
    kept.push({ kind: 'elided', lines: skipped.length, until: eventOf(skipped.at(-1)!) });
    skipped = [];
  };
  for (const item of middle) {
    if (notable.has(item)) {
      close();
      kept.push(item);
    } else skipped.push(item);
  }
  close();
  return [...items.slice(0, head), ...kept, ...items.slice(from)];
}

export function eventOf(item: Item): TraceEvent {
  return item.kind === 'told' ? item.event : item.until;
}

function standsOut(item: Item): boolean {
  return item.kind === 'told' && (item.tone === 'mark' || item.tone === 'life' || item.tone === 'fault');
}

/** The repeat from `at` on that saves most. */
function repeatAt(keys: readonly string[], at: number, end: number): { lines: number; times: number } {
  let best = { lines: 0, times: 0, saved: LEAST_SAVED - 1 };
  for (let lines = 1; lines <= LONGEST_REPEAT && at + 2 * lines <= end; lines++) {
    let times = 0;
    while (at + (times + 2) * lines <= end && isRepeat(keys, at, lines, times + 1)) times++;
    const saved = times * lines - 1;
    if (times > 0 && saved > best.saved) best = { lines, times, saved };
  }
  return best;
}

function isRepeat(keys: readonly string[], at: number, lines: number, time: number): boolean {
  for (let i = 0; i < lines; i++) if (keys[at + i] !== keys[at + time * lines + i]) return false;
  return true;
}

/** Lines that differ only in numbers (times, descriptors, counters) are much the same. */
function keyOf({ event, text }: TimelineRow): string {
  return `${event.process} ${text.replace(/\d+/g, '#')}`;
}
