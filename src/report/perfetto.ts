import type { TraceEvent } from '../run/index.ts';
import { eventViewOf, lastOf, PLACES } from './event-view.ts';
import type { TimelineRow } from './fold.ts';
import { toJson } from './json.ts';
import type { Evidence } from './report.ts';
import { targetsOf } from './target.ts';

/** The threads of each process in the view: its state, and its operations. */
const LIFE = 1;
const DOES = 2;
/** The duration of an operation in a run in which no time passes: the default of scenarios. */
const DEFAULT_OPERATION_US = 20;
const LONGEST_OPERATION_US = 1_000;

type Entry = Readonly<Record<string, unknown>>;

/**
 * A run in the Chrome trace event format, for Perfetto (ui.perfetto.dev) and chrome://tracing: a track for each process, arrows
 * for signals, spawns and faults, and instants for marks and the violation. Times are simulated microseconds.
 */
export function perfetto(evidence: Evidence): string {
  const { token, scenario, verdict, invariant, message, traceHash } = evidence;
  return toJson({
    displayTimeUnit: 'ms',
    otherData: { token, scenario, verdict, invariant, message, traceHash },
    traceEvents: new Tracks(evidence).entries(),
  });
}

class Tracks {
  readonly #evidence: Evidence;
  /** A unique number for each process, because PIDs are reused. */
  readonly #ids: ReadonlyMap<string, number>;
  readonly #entries: Entry[] = [];
  readonly #operationUs: number;
  #flows = 0;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    const { actors, events } = eventViewOf(evidence);
    this.#ids = new Map(actors.map(({ name }, i) => [name, i + 1]));
    this.#operationUs = operationUsOf(events);
    for (const { name, pid } of actors) {
      this.#name('process_name', name, 0, `${name}${pid === '' ? '' : ` (${pid})`}`);
      this.#name('thread_name', name, LIFE, 'life');
      this.#name('thread_name', name, DOES, 'operations');
    }
  }

  entries(): readonly Entry[] {
    const { events, rows, pair } = eventViewOf(this.#evidence);
    const targets = targetsOf(events);
    this.#lifetimes(events);
    for (const row of rows) {
      this.#row(row, pair.indexOf(row));
      const to = targets.get(row.event);
      if (to?.kind === 'process' && this.#ids.has(to.name)) this.#arrow(row, to.name);
    }
    const last = lastOf(rows)?.event;
    const { invariant, message } = this.#evidence;
    if (invariant !== null && last !== undefined) {
      const name = `✗ ${invariant}`;
      this.#add(last.process, DOES, { ph: 'i', s: 'g', ts: usOf(last), name, args: { message } });
    }
    return this.#entries;
  }

  #row({ event, text, tone }: TimelineRow, place: number): void {
    const { process, step, op, args, result } = event;
    const name = place < 0 ? text : `${PLACES[place]} ${text}`;
    const ts = usOf(event);
    const rest = { name, cat: tone, args: { step, op, ...args, result } };
    if (op === 'mark' || op === 'log' || op === 'fault' || op === 'start' || op === 'end') {
      this.#add(process, DOES, { ph: 'i', s: 'p', ts, ...rest });
    } else {
      const dur = Math.min(this.#operationUs, ts);
      this.#add(process, DOES, { ph: 'X', ts: ts - dur, dur, ...rest });
    }
  }

  /** An arrow from an event to the state of the affected process. */
  #arrow({ event, text }: TimelineRow, to: string): void {
    const id = ++this.#flows;
    const ts = usOf(event);
    this.#add(event.process, DOES, { ph: 's', id, ts, name: text, cat: event.op });
    this.#add(to, LIFE, { ph: 'f', bp: 'e', id, ts, name: text, cat: event.op });
  }

  #lifetimes(events: readonly TraceEvent[]): void {
    const untilUs = Math.max(0, ...events.slice(-1).map(usOf));
    for (const name of this.#ids.keys()) {
      const start = events.find((event) => event.op === 'start' && event.process === name);
      if (start === undefined) continue;
      const end = events.find((event) => event.op === 'end' && event.process === name);
      const ts = usOf(start);
      const dur = Math.max(1, (end === undefined ? untilUs : usOf(end)) - ts);
      this.#add(name, LIFE, { ph: 'X', ts, dur, name: 'alive', cat: 'life', args: start.args });
    }
  }

  #name(kind: string, process: string, tid: number, name: string): void {
    this.#add(process, tid, { ph: 'M', name: kind, args: { name } });
  }

  #add(process: string, tid: number, entry: Entry): void {
    this.#entries.push({ pid: this.#ids.get(process), tid, ...entry });
  }
}

function usOf({ atMs }: TraceEvent): number {
  return Math.round(atMs * 1000);
}

/** Only the ends of operations are known, so the minimum time between two of them is taken as the duration. */
function operationUsOf(events: readonly TraceEvent[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < events.length; i++) {
    const us = usOf(events[i]!) - usOf(events[i - 1]!);
    if (us > 0 && us < least) least = us;
  }
  return least > LONGEST_OPERATION_US ? DEFAULT_OPERATION_US : least;
}
