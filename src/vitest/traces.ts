import { type Replay, replaySchedule } from '../check/index.ts';
import type { MarkData } from '../ports/index.ts';
import { emptySchedule, type TraceEvent } from '../run/index.ts';
import { Claims, type Scenario } from '../scenario/index.ts';
import { inRealTime } from './real-time.ts';

/** An owner, and its fencing token; `null` if it has none. */
export interface Owner {
  readonly process: string;
  readonly token: number | null;
}

/** The run with default choices: no faults, and no preemptions. Shows what a scenario does undisturbed. */
export function quietRun(scenario: Scenario): Promise<Replay> {
  return inRealTime(() => replaySchedule(scenario, emptySchedule()));
}

/** The owners at the end of a trace. Superseded claims, and claims of ended processes, do not count. */
export function ownersOf(events: readonly TraceEvent[]): readonly Owner[] {
  let owners: readonly Owner[] = [];
  for (const now of ownersOverTime(events)) owners = now;
  return owners;
}

/** The maximum number of simultaneous owners. */
export function mostOwnersOf(events: readonly TraceEvent[]): number {
  let most = 0;
  for (const { length } of ownersOverTime(events)) most = Math.max(most, length);
  return most;
}

/** The processes that have started but not ended, in the order of their start. */
export function survivorsOf(events: readonly TraceEvent[]): readonly string[] {
  const alive = new Set<string>();
  for (const { op, process } of events) {
    if (op === 'start') alive.add(process);
    else if (op === 'end') alive.delete(process);
  }
  return [...alive];
}

/** All marks in order, with their processes. */
export function marksOf(
  events: readonly TraceEvent[],
): readonly { readonly process: string; readonly name: string; readonly data: MarkData }[] {
  return events
    .filter(({ op }) => op === 'mark')
    .map(({ process, args }) => ({ process, name: args.name as string, data: args.data as MarkData }));
}

/** The exit codes of the processes that ended by themselves. */
export function exitCodesOf(events: readonly TraceEvent[]): Readonly<Record<string, number>> {
  const codes: Record<string, number> = {};
  for (const { op, process, result } of events) {
    if (op !== 'end') continue;
    const { code } = result as { code: number | null };
    if (code !== null) codes[process] = code;
  }
  return codes;
}

/** The faults that struck, in order, with the process that was hit; `null` if none. */
export function faultsOf(
  events: readonly TraceEvent[],
): readonly { readonly fault: string; readonly process: string | null }[] {
  return events
    .filter(({ op }) => op === 'fault')
    .map(({ args }) => ({
      fault: args.fault as string,
      process: (args.process as string | undefined) ?? null,
    }));
}

function* ownersOverTime(events: readonly TraceEvent[]): Generator<readonly Owner[]> {
  const claims = new Claims<{ readonly name: string }>();
  const processes = new Map<string, { readonly name: string }>();
  for (const { op, process, args } of events) {
    const who = processes.get(process) ?? { name: process };
    processes.set(process, who);
    if (op === 'mark') claims.marked(who, args.name as string, args.data as MarkData);
    else if (op === 'end') claims.withdraw(who);
    else continue;
    yield claims.current.map(({ process: { name }, token }) => ({ process: name, token }));
  }
}
