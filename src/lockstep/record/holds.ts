/**
 * Where a parent must not reap. In the simulation a child that has ended is a zombie until its parent waits for it; Node reaps as soon
 * as its event loop runs. So the event loop of the real parent is held from before the death until the parent is needed again.
 */
import type { ScriptEvent } from '../script.ts';

export function withHolds(events: readonly ScriptEvent[]): ScriptEvent[] {
  const parents = new Map<string, string | null>();
  const before = new Map<number, ScriptEvent[]>();
  const insert = (at: number, event: ScriptEvent): void => {
    before.set(at, [...(before.get(at) ?? []), event]);
  };
  for (const [at, event] of events.entries()) {
    if (event.kind === 'start') parents.set(event.process, event.parent);
    if (event.kind !== 'state' || event.state !== 'zombie') continue;
    const parent = parents.get(event.process);
    if (parent === null || parent === undefined) continue;
    const cause = causeOf(events, at, event.process);
    // It ends its own child, which it cannot do while it is held.
    const { kind } = events[cause]!;
    if (kind === 'perform' && (events[cause] as { process?: string }).process === parent) continue;
    let until = at + 1;
    while (until < events.length && !needs(events[until]!, parent)) until++;
    const { step, atMs } = event;
    insert(cause, { kind: 'hold', process: parent, step, atMs });
    insert(until, { kind: 'release', process: parent, step, atMs });
  }
  return [...events.keys(), events.length].flatMap((at) => [
    ...(before.get(at) ?? []),
    ...(at < events.length ? [events[at]!] : []),
  ]);
}

/** The event by which a process ended. */
function causeOf(events: readonly ScriptEvent[], end: number, process: string): number {
  let at = end;
  while (at > 0 && !mayEnd(events[at]!, process)) at--;
  return at;
}

function mayEnd(event: ScriptEvent, process: string): boolean {
  if (event.kind === 'perform') return event.operation.op === 'exit' || event.operation.op === 'kill';
  return event.kind === 'signal' && event.sender === null && event.process === process;
}

/** Whether an event needs a process that runs its event loop. */
function needs(event: ScriptEvent, process: string): boolean {
  if (event.kind === 'start') return event.parent === process && !event.spawned;
  if (event.kind === 'perform' && event.servers?.includes(process)) return true;
  if (event.kind === 'fault' || event.process !== process) return false;
  if (event.kind === 'signal') return event.sender === null || event.signal === 'SIGCONT';
  return ['perform', 'deliver', 'begin', 'end'].includes(event.kind);
}
