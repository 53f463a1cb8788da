import type { Recording, TraceEvent } from '../../run/index.ts';
import { stringify } from '../escape.ts';
import { eventViewOf } from '../event-view.ts';
import type { TimelineRow } from '../fold.ts';
import type { Evidence } from '../report.ts';
import { targetsOf } from '../target.ts';
import { claimGroups } from './claims.ts';
import type { PageFrame, PageRow, PageShape, PageTrace } from './data.ts';
import { statusesOf } from './process-status.ts';
import { ServersOf } from './servers.ts';

/** Longer files and answers are truncated, to limit the size of the page. */
const MOST_TEXT = 4_000;

/**
 * Converts a run for the viewer.
 *
 * @param commands those that replay it, and that stop a debugger in it
 */
export function pageTrace(
  evidence: Evidence,
  recording: Recording,
  commands: Pick<PageTrace, 'command' | 'breakCommand'>,
): PageTrace {
  const recorded = { ...evidence, events: withPlacesOf(recording.events, evidence.events) };
  const { actors, rows: timeline, pair } = eventViewOf(recorded);
  const columns = new Map(actors.map(({ name }, at) => [name, at]));
  const rows = rowsOf(timeline, recorded.events, columns, recording.frameOf);
  const pageFrames = recording.frames.map(shorten);
  const { token, scenario, verdict, invariant, message, kind, traceHash, notes } = evidence;
  return {
    ...{ token, scenario, verdict, invariant, message, kind, traceHash, notes, ...commands },
    actors: actors.map((actor) => ({ ...actor, statuses: statusesOf(actor.name, rows, pageFrames) })),
    rows,
    broken: invariant === null || rows.length === 0 ? null : rows.length - 1,
    pair: pair.map((each) => timeline.indexOf(each)),
    frames: pageFrames,
    claims: claimGroups(recording),
  };
}

/**
 * Finds the same two events in the run in which they are swapped, by their processes and operations.
 *
 * @returns the trace with its pair, ② before ①; -1 if the first event no longer happens
 */
export function withPairOf(failing: PageTrace, passing: PageTrace): PageTrace {
  const [first, second] = failing.pair.map((at) => failing.rows[at]!);
  if (first === undefined || second === undefined) return passing;
  const isSame = (wanted: PageRow) => (row: PageRow) =>
    row.op === wanted.op &&
    row.args === wanted.args &&
    passing.actors[row.actor]!.name === failing.actors[wanted.actor]!.name;
  // Both runs are equal up to the first of the two events.
  const begin = failing.pair[0]!;
  const later = passing.rows.findIndex((row, at) => at >= begin && isSame(second)(row));
  const earlier = passing.rows.findIndex((row, at) => at > later && isSame(first)(row));
  return { ...passing, pair: later < 0 ? [] : [earlier, later] };
}

/** The same events, with their places in the programs. */
function withPlacesOf(events: readonly TraceEvent[], placed: readonly TraceEvent[]): readonly TraceEvent[] {
  if (events.length !== placed.length) return events;
  return events.map((event, i) => (placed[i]!.at === undefined ? event : { ...event, at: placed[i]!.at }));
}

function rowsOf(
  timeline: readonly TimelineRow[],
  events: readonly TraceEvent[],
  columns: ReadonlyMap<string, number>,
  frameOf: readonly number[],
): PageRow[] {
  const order = new Map(events.map((event, at) => [event, at]));
  const targets = targetsOf(events);
  const servers = new ServersOf(events);
  return timeline.map(({ event, text, tone }) => {
    const { step, atMs, process, op, args, result } = event;
    const target = targets.get(event);
    const whom = target?.kind === 'process' ? target.name : servers.asked(event);
    const to = columns.get(whom ?? '') ?? null;
    const actor = columns.get(process)!;
    return {
      ...{ step, atMs, actor, text, tone, op },
      ...(event.at !== undefined && { at: event.at }),
      ...(isCall(event) && { breakAt: op === 'mark' ? `${step}:${op}` : String(step) }),
      shape: shapeOf(event),
      to: to === actor ? null : to,
      frame: frameOf[order.get(event)!]!,
      args: cut(stringify(args, 1)),
      result: cut(stringify(result, 1)),
    };
  });
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

function shorten({ files, processes, listeners }: PageFrame): PageFrame {
  const texts = Object.entries(files ?? {}).map(([path, text]) => [
    path,
    typeof text === 'string' ? cut(text) : text,
  ]);
  return {
    ...(files !== undefined && { files: Object.fromEntries(texts) }),
    ...(processes !== undefined && { processes }),
    ...(listeners !== undefined && { listeners }),
  };
}

function cut(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  return `${text.slice(0, MOST_TEXT)}… and ${text.length - MOST_TEXT} more characters`;
}
