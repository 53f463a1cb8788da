import type { TraceEvent } from '../run/index.ts';
import { actorsOf } from './actors.ts';
import { Describer } from './describe.ts';
import { printable } from './escape.ts';
import type { TimelineRow } from './fold.ts';
import type { Evidence } from './report.ts';

/** A run in words, without a layout. */
export interface EventView {
  /** In the order in which they are shown: a cause before its effects. */
  readonly events: readonly TraceEvent[];
  readonly actors: readonly { readonly name: string; readonly pid: string }[];
  readonly rows: readonly TimelineRow[];
  /** The two critical events, if known; otherwise empty. */
  readonly pair: readonly TimelineRow[];
}

/** What timelines and diagrams share: the actors, and the events worth a line. */
export function eventViewOf(evidence: Evidence): EventView {
  const events = causesFirst(evidence.events);
  const actors = actorsOf(events);
  const names = new Set(actors.map(({ name }) => name));
  const rows = rowsOf(events).filter(({ event }) => names.has(event.process) && !goesWithoutSaying(event));
  return { events, actors, rows, pair: pairOf(evidence, rows) };
}

/** The last event of a run, ignoring later output of processes. */
export function lastOf(rows: readonly TimelineRow[]): TimelineRow | undefined {
  return rows.findLast(({ event }) => event.op !== 'log') ?? rows.at(-1);
}

/** The marks of the two critical events. */
export const PLACES = ['①', '②'] as const;

/** Empty, unless both are shown. */
function pairOf({ critical }: Evidence, rows: readonly TimelineRow[]): readonly TimelineRow[] {
  if (critical === null) return [];
  const pair = [critical.first, critical.second].map(({ step, kind }) =>
    rows.find(
      ({ event }) => event.step === step && (event.op === 'fault') === (kind === 'fault') && !isSaid(event),
    ),
  );
  return pair[0] === undefined || pair[1] === undefined ? [] : [pair[0], pair[1]];
}

/** Whether an event is a mark or output, in the same step as the operation before it. */
function isSaid({ op }: TraceEvent): boolean {
  return op === 'mark' || op === 'log' || op === 'start' || op === 'end';
}

function rowsOf(events: readonly TraceEvent[]): TimelineRow[] {
  const describer = new Describer();
  const places = new Map<string, string>();
  return events.map((event) => {
    const { process, at } = event;
    const place = shortPlaceOf(at);
    const isNew = place !== '' && places.get(process) !== place;
    places.set(process, place);
    const sent = event.sent === undefined ? undefined : describer.describePending(event);
    return { kind: 'row', event, place: isNew ? place : '', sent, ...describer.describe(event) };
  });
}

/**
 * The same rows, and one where an operation was sent whose result comes later, if something else happened in between: so that what the
 * other process does because of it stands below it.
 */
export function withSendings(rows: readonly TimelineRow[]): TimelineRow[] {
  const all = [...rows];
  for (const row of rows) {
    const { event, sent, place } = row;
    if (event.sent === undefined || sent === undefined) continue;
    const { step, atMs } = event.sent;
    const at = all.findIndex((other) => other.event.step >= step);
    const own = all.indexOf(row);
    if (all.slice(at, own).every((other) => other.event.process === event.process)) continue;
    all[own] = { ...row, text: `… ${row.text}`, place: '' };
    all.splice(at, 0, {
      kind: 'row',
      event: { ...event, step, atMs },
      text: `${sent} …`,
      tone: 'plain',
      place,
    });
  }
  return all;
}

/** `daemon.js:12` of `lib/daemon.js:12:5`; empty if it is unknown. */
export function shortPlaceOf(at: string | undefined): string {
  if (at === undefined) return '';
  const [, name = at] = /([^/\\]+:\d+):\d+$/.exec(at) ?? [];
  return printable(name);
}

/** Initial starts are shown by the columns, and an `exit` by the end of its process. */
function goesWithoutSaying({ op, step }: TraceEvent): boolean {
  return op === 'exit' || (op === 'start' && step === 0);
}

/** The effects of a fault, a spawn or a kill are traced before it; for a reader the cause comes first. */
function causesFirst(events: readonly TraceEvent[]): TraceEvent[] {
  const ordered: TraceEvent[] = [];
  for (const event of events) {
    let at = ordered.length;
    if (event.op === 'fault' || event.op === 'spawn' || event.op === 'kill') {
      while (at > 0 && isEffect(ordered[at - 1]!, event)) at--;
    }
    ordered.splice(at, 0, event);
  }
  return ordered;
}

function isEffect(effect: TraceEvent, cause: TraceEvent): boolean {
  if (effect.step !== cause.step || effect.process === cause.process || effect.step === 0) return false;
  if (cause.op === 'fault') {
    return (effect.op === 'start' || effect.op === 'end') && effect.process === cause.args.process;
  }
  return effect.op === (cause.op === 'spawn' ? 'start' : 'end');
}
