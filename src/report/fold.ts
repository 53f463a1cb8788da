import type { TraceEvent } from '../run/index.ts';
import type { Described } from './describe.ts';

/** A line of a timeline, before layout. */
export type Item = TimelineRow | Folded | Omitted;

export interface TimelineRow extends Described {
  readonly kind: 'row';
  readonly event: TraceEvent;
  /** The file and line of the program, if they are other ones than in the row before of the same process; otherwise empty. */
  readonly place: string;
  /** If it was sent in an earlier step: what was asked for, without a result. */
  readonly sent?: string | undefined;
}

/** The preceding `lines` lines are repeated `times` more times. */
export interface Folded {
  readonly kind: 'folded';
  readonly lines: number;
  readonly times: number;
  readonly until: TraceEvent;
}

/** This many lines are omitted here. */
export interface Omitted {
  readonly kind: 'omitted';
  readonly lines: number;
  readonly until: TraceEvent;
}

/** The longest repeated sequence to look for. */
const LONGEST_REPEAT = 24;
/** The minimum number of lines that a fold must save. */
const LEAST_SAVED = 3;

/** Shows repeated sequences (polling, heartbeats) once. The last line is the violation, and always stays. */
export function fold(rows: readonly TimelineRow[]): Item[] {
  const items: Item[] = [];
  let at = 0;
  for (const { from, lines, times } of repeatsIn(
    rows.map(({ event, text }) => foldKey(event.process, text)),
  )) {
    const end = from + lines * times;
    items.push(...rows.slice(at, from), { kind: 'folded', lines, times, until: rows[end - 1]!.event });
    at = end;
  }
  return [...items, ...rows.slice(at)];
}

/** From `from` on, the `lines` lines before it are repeated `times` times. */
export interface Repeat {
  readonly from: number;
  readonly lines: number;
  readonly times: number;
}

/** Sequences that are repeated, without overlap. The last line is never part of one. */
export function repeatsIn(keys: readonly string[]): Repeat[] {
  const end = keys.length - 1;
  const repeats: Repeat[] = [];
  for (let at = 0; at < keys.length; ) {
    const { lines, times } = repeatAt(keys, at, end);
    if (times > 0) repeats.push({ from: at + lines, lines, times });
    at += times === 0 ? 1 : lines * (times + 1);
  }
  return repeats;
}

/** Lines that differ only in numbers (times, descriptors, counters) count as equal. */
export function foldKey(process: string, text: string): string {
  return `${process} ${text.replace(/\d+/g, '#')}`;
}

/** Omits the middle if there are more than `most` items, except for what stands out. */
export function omitMiddle(items: readonly Item[], most: number): Item[] {
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
    kept.push({ kind: 'omitted', lines: skipped.length, until: eventOf(skipped.at(-1)!) });
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
  return item.kind === 'row' ? item.event : item.until;
}

function standsOut(item: Item): boolean {
  return item.kind === 'row' && (item.tone === 'mark' || item.tone === 'life' || item.tone === 'fault');
}

/** The repeated sequence from `at` that saves most lines. */
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
