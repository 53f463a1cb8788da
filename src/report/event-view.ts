import type { TraceEvent } from '../run/index.ts';
import { actorsOf } from './actors.ts';
import { Describer } from './describe.ts';
import type { TimelineRow } from './fold.ts';
import type { Evidence } from './report.ts';

/** A run in words, before anybody lays it out. */
export interface EventView {
  /** In the order in which they are told: a cause before its effects. */
  readonly events: readonly TraceEvent[];
  readonly actors: readonly { readonly name: string; readonly pid: string }[];
  readonly told: readonly TimelineRow[];
  /** The two events whose order decides, if they are known; else none. */
  readonly pair: readonly TimelineRow[];
}

/** What a timeline and a diagram have in common: who acts, and what is worth a line. */
export function eventViewOf(evidence: Evidence): EventView {
  const events = causesFirst(evidence.events);
  const actors = actorsOf(events);
  const names = new Set(actors.map(({ name }) => name));
  const told = tell(events).filter(({ event }) => names.has(event.process) && !goesWithoutSaying(event));
  return { events, actors, told, pair: pairOf(evidence, told) };
}

/** What a run ended with. What a process prints after it has changed nothing. */
export function lastOf(told: readonly TimelineRow[]): TimelineRow | undefined {
  return told.findLast(({ event }) => event.op !== 'log') ?? told.at(-1);
}

/** How the two events whose order decides are marked. */
export const PLACES = ['①', '②'] as const;

/** None, unless both are told. */
function pairOf({ critical }: Evidence, told: readonly TimelineRow[]): readonly TimelineRow[] {
  if (critical === null) return [];
  const pair = [critical.first, critical.second].map(({ step, kind }) =>
    told.find(
      ({ event }) => event.step === step && (event.op === 'fault') === (kind === 'fault') && !isSaid(event),
    ),
  );
  return pair[0] === undefined || pair[1] === undefined ? [] : [pair[0], pair[1]];
}

/** What a process says of itself, in the same step as the operation before it. */
function isSaid({ op }: TraceEvent): boolean {
  return op === 'mark' || op === 'log' || op === 'start' || op === 'end';
}

function tell(events: readonly TraceEvent[]): TimelineRow[] {
  const describer = new Describer();
  return events.map((event) => ({ kind: 'told', event, ...describer.describe(event) }));
}

/** Whoever is there from the beginning has a column; and an exit is told by the end that it brings. */
function goesWithoutSaying({ op, step }: TraceEvent): boolean {
  return op === 'exit' || (op === 'start' && step === 0);
}

/** What a fault, a spawn or a kill brings about is traced before it; a reader wants the cause first. */
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
