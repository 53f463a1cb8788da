/** What processes wait for at the end of a run, in words. */
import type { Wait } from '../check/index.ts';
import { operationEvent, type TraceEvent } from '../run/index.ts';
import { whole } from '../scenario/wording.ts';
import { Describer } from './describe.ts';
import { printable } from './escape.ts';

/** Waiting for these alone says nothing about what a process needs. */
const IDLE: ReadonlySet<string> = new Set(['sleep', 'clock', 'sigwait']);
/** Events that are no operations of the process. */
const OUTSIDE: ReadonlySet<string> = new Set(['start', 'end', 'log']);
const NO_RESULT = { value: undefined };
/** Further processes are counted. */
const MOST = 6;

/** For each process that waits: for what, since when, and after which operation. */
export function waitsText(waits: readonly Wait[], events: readonly TraceEvent[]): string[] {
  if (waits.length === 0) return [];
  const { describer, last } = replayed(events);
  const parts: string[] = [];
  const named = new Set<string>();
  for (const { process, operation, sinceMs, isStopped } of byNeed(waits)) {
    if (named.has(process)) continue;
    named.add(process);
    const since = `since ${whole(Math.round(sinceMs))} ms`;
    const asked = describer.describePending(
      operationEvent({ step: 0, atMs: sinceMs, process }, operation, NO_RESULT),
    );
    const what = operation.op === 'sleep' ? 'sleep' : asked;
    const before = IDLE.has(operation.op) ? last.get(process) : undefined;
    const after = before === undefined ? '' : `, after ${before}`;
    parts.push(`${printable(process)}${isStopped ? ' (stopped)' : ''}: ${what}, ${since}${after}`);
  }
  const shown = parts.slice(0, MOST);
  if (parts.length > MOST) shown.push(`and ${parts.length - MOST} more`);
  return [`waiting at the end: ${shown.join('; ')}`];
}

/** What a process needs before that which merely passes time. */
function byNeed(waits: readonly Wait[]): readonly Wait[] {
  const needs = (wait: Wait): number =>
    wait.operation.op === 'sigwait' ? 2 : IDLE.has(wait.operation.op) ? 1 : 0;
  return waits.toSorted((a, b) => needs(a) - needs(b));
}

/** A describer that knows the files of all processes, and the last operation of each that did not merely pass time. */
function replayed(events: readonly TraceEvent[]) {
  const describer = new Describer();
  const last = new Map<string, string>();
  for (const event of events) {
    const { text } = describer.describe(event);
    if (!IDLE.has(event.op) && !OUTSIDE.has(event.op) && event.op !== 'close') last.set(event.process, text);
  }
  return { describer, last };
}
