import type { Recording, TraceEvent } from '../../run/index.ts';
import { eventViewOf } from '../event-view.ts';
import { foldKey, repeatsIn } from '../fold.ts';
import type { Evidence } from '../report.ts';
import { claimGroups } from './claims.ts';
import { cut } from './cut.ts';
import type { PageFold, PageFrame, PageInvariant, PageLines, PageRow, PageTrace } from './data.ts';
import { statusesOf } from './process-status.ts';
import { rowsOf } from './rows.ts';

/** What a page is made of besides the run. */
export interface PageParts {
  /** The command that replays it. */
  readonly command: string;
  /** See {@link PageTrace.breakCommand}. */
  readonly breakCommand: string;
  /** The text of a file that the places of events name; `null` if it cannot be read. */
  readonly readSource: (file: string) => string | null;
}

/** Converts a run for the viewer. */
export function pageTrace(evidence: Evidence, recording: Recording, parts: PageParts): PageTrace {
  const recorded = { ...evidence, events: withPlacesOf(recording.events, evidence.events) };
  const { actors, rows: timeline, pair } = eventViewOf(recorded);
  const names = actors.map(({ name }) => name);
  const { rows, spans, rowOf, rowFrom } = rowsOf(timeline, recorded.events, names, recording);
  const pageFrames = recording.frames.map(shorten);
  const { token, scenario, verdict, invariant, message, kind, traceHash, notes } = evidence;
  const broken = invariant === null || rows.length === 0 ? null : rows.length - 1;
  return {
    ...{ token, scenario, verdict, invariant, message, kind, traceHash, notes },
    ...{ command: parts.command, breakCommand: parts.breakCommand },
    actors: actors.map((actor) => ({ ...actor, statuses: statusesOf(actor.name, rows, pageFrames) })),
    ...{ rows, spans, broken },
    pair: pair.map(({ event }) => rowOf(event)),
    frames: pageFrames,
    claims: claimGroups(recording),
    folds: foldsOf(rows, names),
    invariants: recording.invariants.map((each) =>
      invariantOf(each, rowFrom, each.name === invariant ? broken : null),
    ),
    sources: sourcesOf(rows, parts.readSource),
  };
}

function foldsOf(rows: readonly PageRow[], names: readonly string[]): PageFold[] {
  return repeatsIn(rows.map(({ actor, text }) => foldKey(names[actor]!, text))).map(
    ({ from, lines, times }) => ({
      ...{ from, lines, times },
      count: lines * times,
    }),
  );
}

function invariantOf(
  { name, kind, states }: Recording['invariants'][number],
  rowFrom: (events: number) => number,
  broken: number | null,
): PageInvariant {
  const shown = states.map(([from, state]) => [rowFrom(from), state] as const);
  return { name, kind, states: broken === null ? shown : [...shown, [broken, 'violated']] };
}

/** How many lines before and after the place of an event are shown. */
const CONTEXT = 4;
/** Longer lines are truncated: generated files. */
const MOST_LINE = 300;

function sourcesOf(
  rows: readonly PageRow[],
  readSource: PageParts['readSource'],
): Record<string, readonly PageLines[]> {
  const wanted = new Map<string, Set<number>>();
  for (const { at } of rows) {
    const [, file, line] = /^(.*):(\d+):\d+$/.exec(at ?? '') ?? [];
    if (file === undefined) continue;
    wanted.set(file, (wanted.get(file) ?? new Set()).add(Number(line)));
  }
  const sources: Record<string, readonly PageLines[]> = {};
  for (const [file, places] of wanted) {
    const lines = readSource(file)?.split(/\r\n|[\r\n]/);
    if (lines === undefined) continue;
    const blocks: { from: number; until: number }[] = [];
    for (const line of [...places].sort((a, b) => a - b)) {
      const from = Math.max(1, line - CONTEXT);
      const until = Math.min(lines.length, line + CONTEXT);
      const last = blocks.at(-1);
      if (last !== undefined && from <= last.until + 1) last.until = until;
      else if (line <= lines.length) blocks.push({ from, until });
    }
    sources[file] = blocks.map(({ from, until }) => ({
      from,
      lines: lines.slice(from - 1, until).map((line) => line.slice(0, MOST_LINE)),
    }));
  }
  return sources;
}

/**
 * Finds the same two events in the run in which they are swapped, by their processes and operations.
 *
 * @returns the trace with its pair, ② before ①; -1 if the first event no longer happens
 */
export function withPairOf(failing: PageTrace, passing: PageTrace): PageTrace {
  const [first, second] = failing.pair.map((at) => failing.rows[at]!);
  if (first === undefined || second === undefined) return passing;
  const isSame = (wanted: PageRow, row: PageRow, at: number): boolean =>
    row.op === wanted.op &&
    row.args === wanted.args &&
    passing.actors[row.actor]!.name === failing.actors[wanted.actor]!.name &&
    // Where it is sent is not where it happens.
    !(row.span !== undefined && passing.spans[row.span]!.from === at);
  // Both runs are equal up to the first of the two events.
  const later = passing.rows.findIndex((row, at) => row.step >= first.step && isSame(second, row, at));
  const earlier = passing.rows.findIndex((row, at) => at > later && isSame(first, row, at));
  return { ...passing, pair: later < 0 ? [] : [earlier, later] };
}

/** The same events, with their places in the programs. */
function withPlacesOf(events: readonly TraceEvent[], placed: readonly TraceEvent[]): readonly TraceEvent[] {
  if (events.length !== placed.length) return events;
  return events.map((event, i) => (placed[i]!.at === undefined ? event : { ...event, at: placed[i]!.at }));
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
