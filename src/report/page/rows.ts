/** The rows of a page: the events of a run, and the sending of requests, which a trace does not have. */
import type { Recording, TraceEvent } from '../../run/index.ts';
import { stringify } from '../escape.ts';
import type { TimelineRow } from '../fold.ts';
import { targetsOf } from '../target.ts';
import { cut } from './cut.ts';
import type { PageRow, PageShape, PageSpan } from './data.ts';
import { ServersOf } from './servers.ts';
import { type ShownSpan, shownSpans } from './spans.ts';

export interface PageRows {
  readonly rows: readonly PageRow[];
  readonly spans: readonly PageSpan[];
  /** -1 if the event has no row. */
  readonly rowOf: (event: TraceEvent) => number;
  /** The first row after so many events. */
  readonly rowFrom: (events: number) => number;
}

type Draft = { -readonly [K in keyof PageRow]: PageRow[K] };

/** @param names the processes with a column, in their order */
export function rowsOf(
  timeline: readonly TimelineRow[],
  events: readonly TraceEvent[],
  names: readonly string[],
  { frameOf, spans: recorded }: Recording,
): PageRows {
  const order = new Map(events.map((event, at) => [event, at]));
  const columns = new Map(names.map((name, at) => [name, at]));
  const targets = targetsOf(events);
  const servers = new ServersOf(events);
  const rows: Draft[] = [];
  const rowOf = new Map<TraceEvent, number>();
  const begun = new Map<ShownSpan, number>();
  const waiting = shownSpans(recorded).filter(({ span }) => columns.has(span.process));
  for (const { event, text, tone } of timeline) {
    const index = order.get(event)!;
    while (waiting[0] !== undefined && waiting[0].span.from <= index) {
      const shown = waiting.shift()!;
      if (shown.span.end !== index) begin(shown);
    }
    const { step, atMs, process, op, args, result } = event;
    const target = targets.get(event);
    const whom = target?.kind === 'process' ? target.name : servers.asked(event);
    const to = columns.get(whom ?? '') ?? null;
    const actor = columns.get(process)!;
    rowOf.set(event, rows.length);
    rows.push({
      ...{ step, atMs, actor, text, tone, op },
      ...(event.at !== undefined && { at: event.at }),
      ...(isCall(event) && { breakAt: op === 'mark' ? `${step}:${op}` : String(step) }),
      shape: shapeOf(event),
      to: to === actor ? null : to,
      frame: frameOf[index]!,
      args: cut(stringify(args, 1)),
      result: cut(stringify(result, 1)),
    });
  }
  const spans = [...begun].flatMap(([shown, from]) => spanOf(shown, from));
  for (const [i, { from, end, kind }] of spans.entries()) {
    if (kind !== 'request') {
      if (end !== null) rows[end]!.span = i;
      continue;
    }
    rows[from]!.span = i;
    if (end === null) continue;
    // The request is an arrow where it is sent, the answer one where it is received.
    rows[end]!.span = i;
    rows[end]!.shape = 'reply';
  }
  return { rows, spans, rowOf: (event) => rowOf.get(event) ?? -1, rowFrom };

  function begin(shown: ShownSpan): void {
    begun.set(shown, rows.length);
    const { span, sentText } = shown;
    if (sentText === null) return;
    const { step, atMs, process, op, args } = span.begun;
    const ended = span.end === null ? undefined : events[span.end];
    const server = servers.at(span.begun, span.from);
    const actor = columns.get(process)!;
    const to = columns.get(server ?? '') ?? null;
    rows.push({
      ...{ step, atMs, actor, op, text: sentText, tone: 'plain', shape: 'probe' },
      to: to === actor ? null : to,
      ...(ended?.at !== undefined && { at: ended.at }),
      frame: frameOf[span.from - 1] ?? -1,
      args: cut(stringify(args, 1)),
      result: span.end === null ? 'not answered in this run' : 'see the event with which it ends',
    });
  }

  function spanOf({ span, kind }: ShownSpan, from: number): PageSpan[] {
    const end = span.end === null ? null : (rowOf.get(events[span.end]!) ?? -1);
    if (end !== null && end <= from) return [];
    return [{ actor: columns.get(span.process)!, kind, from, end, fromMs: span.begun.atMs }];
  }

  function rowFrom(count: number): number {
    for (let at = count; at < events.length; at++) {
      const row = rowOf.get(events[at]!);
      if (row !== undefined) return row;
    }
    return Math.max(0, rows.length - 1);
  }
}

/** Whether a program has asked for it. */
function isCall({ op }: TraceEvent): boolean {
  return op !== 'start' && op !== 'end' && op !== 'log' && op !== 'fault';
}

function shapeOf({ op, args }: TraceEvent): PageShape {
  if (op === 'mark' || op === 'fault' || op === 'spawn') return op;
  // Signal 0 only tests whether the process exists.
  if (op === 'kill') return args.signal === 0 ? 'probe' : 'signal';
  if (op === 'start' || op === 'end') return 'life';
  return op === 'connect' || op === 'request' || op === 'processInfo' || op === 'processEnv' || op === 'wait'
    ? 'probe'
    : 'call';
}
