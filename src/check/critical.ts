import type { Stop } from '../run/deadline.ts';
import { isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { isObject, isScenario, shown } from '../scenario/arguments.ts';
import type { Scenario } from '../scenario/options.ts';
import { type Action, type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import { decodeToken, encodeToken } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { type Attempt, recordRun, runUntil } from './attempt.ts';
import type { Replay } from './replay.ts';
import { SingleCalls } from './single-calls.ts';

/** The critical pair of events. Plain data. */
export interface Critical {
  readonly first: CriticalEvent;
  readonly second: CriticalEvent;
  /** A token of the run in which they are swapped and the invariant holds. */
  readonly passing: string;
}

/** Two consecutive events of different processes, or a fault and an event, whose order decides. */
interface CriticalSwap {
  readonly first: CriticalEvent;
  readonly second: CriticalEvent;
  /** The run in which they are swapped, which does not violate the invariant. */
  readonly passing: Schedule;
}

/** One of the two events: a step of a process, or a fault. */
export interface CriticalEvent {
  /** The step number in the trace of the failing run. */
  readonly step: number;
  readonly kind: 'step' | 'fault';
}

/** Each attempt is a run, so for a long run this would take too long. Chosen by hand. */
const MAX_ATTEMPTS = 400;
const MAX_STEPS = 1_000_000;

/**
 * The pair of events whose order decides that a run violates an invariant.
 *
 * @param stop stops early
 * @returns `null` if none is found, or if the search would take too long
 * @throws TypeError if it is not given a replay
 */
export async function criticalOf(of: Replay, stop?: Stop): Promise<Critical | null> {
  if (!isObject(of) || !isScenario(of.scenario) || typeof of.token !== 'string')
    throw new TypeError(`criticalOf: got ${shown(of)}: expected what replay() resolves to`);
  const { scenario, token, failure } = of;
  // Each attempt would wait for the timeout.
  if (failure === null || isByRealTime(failure)) return null;
  const swap = await criticalSwap(scenario, decodeToken(token).schedule, failure.invariant, stop);
  return swap && { ...swap, passing: encodeToken(scenario, swap.passing) };
}

/**
 * Searches for the critical pair: moves the first event of each block of a process back, one event at a time, starting with the
 * last block, until the invariant holds. Then moves the last events of blocks forward.
 *
 * @param stop stops early
 * @returns `null` if there is no such pair, because more than one pair would have to be swapped
 */
export async function criticalSwap(
  scenario: Scenario,
  failing: Schedule,
  invariant: string,
  stop?: Stop,
): Promise<CriticalSwap | null> {
  const recorded =
    (await recordedAs(scenario, new SingleCalls(new ReplayedChoices(failing)), invariant)) ??
    (await recordedAs(scenario, new ReplayedChoices(failing), invariant));
  if (recorded === null) return null;
  const { attempt, endsAt } = recorded;
  const { actions } = attempt;
  let tried: Move = { from: 0, to: 0 };
  let steps = 0;
  function* attempts(): Iterable<Choices> {
    let left = MAX_ATTEMPTS;
    for (const move of movesOf(actions)) {
      if (left-- === 0 || steps >= MAX_STEPS || stop?.aborted) return;
      tried = move;
      const moved = actions.toSpliced(move.from, 1).toSpliced(move.to, 0, actions[move.from]!);
      yield new ActionReplayer(moved, attempt);
    }
  }
  let passing: Schedule | null = null;
  const accept = ({ run, schedule }: Attempt): boolean => {
    steps += run.machine.scheduler.steps;
    if (run.failure === null) passing = schedule;
    return run.failure === null;
  };
  await runUntil(scenario, attempts(), accept, undefined, stop);
  if (passing === null) return null;
  const [first, second] = [tried.from, tried.to].sort((x, y) => x - y);
  const eventAt = (at: number): CriticalEvent =>
    actions[at]!.kind === 'fault'
      ? { step: endsAt[at - 1] ?? 0, kind: 'fault' }
      : { step: (endsAt[at - 1] ?? 0) + 1, kind: 'step' };
  return { first: eventAt(first!), second: eventAt(second!), passing };
}

/** A run, and for each of its actions the number of the step in the trace with which it ended. */
interface RecordedRun {
  readonly attempt: Attempt;
  readonly endsAt: readonly number[];
}

/** `null` if it does not violate the invariant. */
async function recordedAs(
  scenario: Scenario,
  choices: Choices,
  invariant: string,
): Promise<RecordedRun | null> {
  const endsAt: number[] = [];
  const attempt = await recordRun(scenario, choices, ({ machine }, actions) => {
    // A fault that struck before this step ended with the step before it.
    const before = endsAt.at(-1) ?? 0;
    while (endsAt.length < actions.length - 1) endsAt.push(before);
    endsAt[actions.length - 1] = machine.scheduler.steps;
  });
  return attempt.run.failure?.invariant === invariant ? { attempt, endsAt } : null;
}

/** Moves an event across the events up to and including another one. */
interface Move {
  readonly from: number;
  readonly to: number;
}

function* movesOf(actions: ActionLog): Iterable<Move> {
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
