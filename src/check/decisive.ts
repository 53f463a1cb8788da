/** Which events can be swapped, and whether only the order of these two decides. */
import type { Scenario } from '../scenario/options.ts';
import { type Action, type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import { type Attempt, recordRun } from './attempt.ts';
import { type Replay, replaySchedule } from './replay.ts';

/** Moves an event across the events up to and including another one. */
export interface Move {
  readonly from: number;
  readonly to: number;
}

export function* movesOf(actions: ActionLog): Generator<Move> {
  for (let from = actions.length - 1; from > 0; from--) {
    for (let to = from - 1; to >= 0 && mayPass(actions[from]!, actions[to]!); to--) yield { from, to };
  }
  for (let from = actions.length - 2; from >= 0; from--) {
    for (let to = from + 1; to < actions.length && mayPass(actions[from]!, actions[to]!); to++)
      yield { from, to };
  }
}

/** Whether two actions may be swapped: events of the same process keep their order, and so does the passing of time. */
function mayPass(a: Action, b: Action): boolean {
  if (a.kind === 'advance' || b.kind === 'advance') return false;
  return a.kind === 'fault' || b.kind === 'fault' || a.process !== b.process;
}

export function moved(actions: ActionLog, { from, to }: Move): ActionLog {
  return actions.toSpliced(from, 1).toSpliced(to, 0, actions[from]!);
}

/**
 * Whether the order of two events decides, and nothing else:
 *
 * - if the one is moved next to the other, every process sees the same as before, apart from times and inode numbers, and the same
 *   invariant is violated with the same message;
 * - in the run in which they are swapped, and which passes, all other events keep their order as far as they still happen.
 */
export async function isDecisive(
  scenario: Scenario,
  failing: Attempt,
  { move, passing }: { readonly move: Move; readonly passing: Attempt },
  hangTimeoutMs?: number,
): Promise<boolean> {
  const { from, to } = move;
  if (!keepsOrder(moved(failing.actions, move), passing.actions)) return false;
  if (Math.abs(from - to) === 1) return true;
  const besides = moved(failing.actions, { from, to: to < from ? to + 1 : to - 1 });
  const choices = new ActionReplayer(besides, failing);
  const beside = await recordRun(scenario, choices, undefined, hangTimeoutMs);
  if (beside.run.failure?.invariant !== failing.run.failure!.invariant) return false;
  const [before, after] = [
    await replaySchedule(scenario, failing.schedule, hangTimeoutMs),
    await replaySchedule(scenario, beside.schedule, hangTimeoutMs),
  ];
  // Runs that were interrupted cannot be compared.
  if (before.verdict === 'inconclusive' || after.verdict === 'inconclusive') return false;
  return before.failure?.message === after.failure?.message && seen(before) === seen(after);
}

/** Whether what two logs have in common is in the same order. Events are identified by their process and their number within it. */
export function keepsOrder(expected: ActionLog, actual: ActionLog): boolean {
  const wanted = new Map(named(expected).map((name, at) => [name, at]));
  let last = -1;
  for (const name of named(actual)) {
    const at = wanted.get(name);
    if (at === undefined) continue;
    if (at < last) return false;
    last = at;
  }
  return true;
}

function named(actions: ActionLog): string[] {
  const counts = new Map<string, number>();
  const names: string[] = [];
  for (const action of actions) {
    if (action.kind === 'advance') continue;
    const whose = action.kind === 'fault' ? 'fault' : `${action.process}`;
    const number = counts.get(whose) ?? 0;
    counts.set(whose, number + 1);
    names.push(`${whose} ${number}`);
  }
  return names;
}

/** What each process does and sees, regardless of the order between processes, and therefore without times and inode numbers. */
function seen({ events }: Replay): string {
  const views = new Map<string, string[]>();
  for (const { process, op, args, result } of events) {
    const view = views.get(process) ?? [];
    view.push(JSON.stringify([op, args, op === 'clock' ? null : result], withoutOrder));
    views.set(process, view);
  }
  return JSON.stringify([...views].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A replacer for JSON.stringify. */
function withoutOrder(key: string, value: unknown): unknown {
  if (OF_ORDER.has(key)) return undefined;
  return typeof value === 'bigint' ? `${value}` : value;
}

/** Fields that depend on the order of events, though no program may care. */
const OF_ORDER: ReadonlySet<string> = new Set(['ino', 'atimeMs', 'mtimeMs', 'ctimeMs', 'startTicks']);
