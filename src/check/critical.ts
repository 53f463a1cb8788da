import type { Stop } from '../run/deadline.ts';
import { isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import type { Scenario } from '../scenario/options.ts';
import { type Action, type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import { decodeToken, encodeToken } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { type Attempt, recordRun, runUntil } from './attempt.ts';
import type { Replay } from './replay.ts';

/** The pair that decides, as plain data. */
export interface Critical {
  readonly first: CriticalEvent;
  readonly second: CriticalEvent;
  /** A token of the run in which they happen the other way round: the invariant holds. */
  readonly passing: string;
}

/** Of two events that happened one after the other, of different processes or one a fault, the order decided. */
interface CriticalSwap {
  readonly first: CriticalEvent;
  readonly second: CriticalEvent;
  /** The run in which they happen the other way round, which does not violate the invariant. */
  readonly passing: Schedule;
}

/** One of the two: a step of a process, or a fault. */
export interface CriticalEvent {
  /** As the trace of the failing run numbers it. */
  readonly step: number;
  readonly kind: 'step' | 'fault';
}

/** A long run would take too long: each attempt is a run. */
const MAX_ATTEMPTS = 400;
const MAX_STEPS = 1_000_000;

/**
 * The pair of events that decides a run that violates an invariant.
 *
 * @param stop ends it early
 * @returns null when none is found, or looking for one would take too long
 */
export async function criticalOf(
  { scenario, token, failure }: Replay,
  stop?: Stop,
): Promise<Critical | null> {
  // Each attempt would wait for the end of our patience.
  if (failure === null || isByRealTime(failure)) return null;
  const swap = await criticalSwap(scenario, decodeToken(token).schedule, failure.invariant, stop);
  return swap && { ...swap, passing: encodeToken(scenario, swap.passing) };
}

/**
 * Names the pair of events that decides: moves the first event of each block of a process backwards, one event at a time,
 * from the last block on, until the invariant holds. Then the last events of blocks forwards.
 *
 * @param stop ends it early
 * @returns null when no such pair is found: more than one pair has to change its order
 */
export async function criticalSwap(
  scenario: Scenario,
  failing: Schedule,
  invariant: string,
  stop?: Stop,
): Promise<CriticalSwap | null> {
  const attempt = await recordRun(scenario, new ReplayedChoices(failing));
  if (attempt.run.failure?.invariant !== invariant) return null;
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
  return { first: eventAt(actions, first!), second: eventAt(actions, second!), passing };
}

/** An event that changes places with those between it and another one, and with that one. */
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

/** Events of one process keep their order; and time passes when it passes. */
function mayPass(a: Action, b: Action): boolean {
  if (a.kind === 'advance' || b.kind === 'advance') return false;
  return a.kind === 'fault' || b.kind === 'fault' || a.process !== b.process;
}

function eventAt(actions: ActionLog, at: number): CriticalEvent {
  const steps = actions.slice(0, at + 1).filter(({ kind }) => kind === 'step').length;
  return { step: steps, kind: actions[at]!.kind === 'fault' ? 'fault' : 'step' };
}
