import type { Stop } from '../run/deadline.ts';
import { isByRealTime } from '../run/real-time.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import { isObject, isScenario, shown } from '../scenario/arguments.ts';
import type { Scenario } from '../scenario/options.ts';
import { type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import { decodeToken, encodeToken } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { type Attempt, type Limits, recordRun, runUntil } from './attempt.ts';
import { isDecisive, type Move, moved, movesOf } from './decisive.ts';
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
/** Real milliseconds that a run may take so that its calls are looked at one by one. Chosen by hand. */
const MOST_MS_FOR_CALLS = 300;

/**
 * The pair of events whose order decides that a run violates an invariant.
 *
 * @param stop stops early
 * @param hangTimeoutMs real time after which a program that does not yield is interrupted. Default: 5,000
 * @returns `null` if none is found, or if the search would take too long
 * @throws TypeError if it is not given a replay
 */
export async function criticalOf(of: Replay, stop?: Stop, hangTimeoutMs?: number): Promise<Critical | null> {
  if (!isObject(of) || !isScenario(of.scenario) || typeof of.token !== 'string')
    throw new TypeError(`criticalOf: got ${shown(of)}: expected what replay() resolves to`);
  const { scenario, token, failure } = of;
  // Each attempt would wait for the timeout.
  if (failure === null || isByRealTime(failure)) return null;
  const limits = { stop, hangTimeoutMs };
  const swap = await criticalSwap(scenario, decodeToken(token).schedule, failure.invariant, limits);
  return swap && { ...swap, passing: encodeToken(scenario, swap.passing) };
}

/**
 * Searches for the critical pair: moves the first event of each block of a process back, one event at a time, starting with the
 * last block, until the invariant holds. Then moves the last events of blocks forward. A pair is verified: see {@link isDecisive}.
 *
 * @param options `isVerified`: whether only a verified pair counts. Default: true
 * @returns `null` if there is no such pair, because more than one pair would have to be swapped
 */
export async function criticalSwap(
  scenario: Scenario,
  failing: Schedule,
  invariant: string,
  { isVerified = true, ...limits }: Limits & { isVerified?: boolean } = {},
): Promise<CriticalSwap | null> {
  const recorded = await recordedWithCalls(scenario, failing, invariant, limits);
  if (recorded === null) return null;
  const { attempt, endsAt } = recorded;
  const { actions } = attempt;
  const left: Left = { attempts: MAX_ATTEMPTS, steps: MAX_STEPS };
  const moves = movesOf(actions);
  for (;;) {
    const found = await nextPassing(scenario, attempt, moves, left, limits);
    if (found === null) return null;
    if (isVerified && !(await isDecisive(scenario, attempt, found, limits.hangTimeoutMs))) continue;
    const [first, second] = [found.move.from, found.move.to].sort((x, y) => x - y);
    const eventAt = (at: number): CriticalEvent =>
      actions[at]!.kind === 'fault'
        ? { step: endsAt[at - 1] ?? 0, kind: 'fault' }
        : { step: (endsAt[at - 1] ?? 0) + 1, kind: 'step' };
    return { first: eventAt(first!), second: eventAt(second!), passing: found.passing.schedule };
  }
}

/** How much may still be tried. */
interface Left {
  attempts: number;
  steps: number;
}

/** A move with which no invariant is violated. */
interface Passing {
  readonly move: Move;
  readonly passing: Attempt;
}

async function nextPassing(
  scenario: Scenario,
  failing: Attempt,
  moves: Iterator<Move>,
  left: Left,
  limits: Limits,
): Promise<Passing | null> {
  let move: Move;
  function* attempts(): Iterable<Choices> {
    for (let next = moves.next(); next.done !== true; next = moves.next()) {
      if (left.attempts-- <= 0 || left.steps <= 0 || limits.stop?.aborted) return;
      move = next.value;
      yield new ActionReplayer(moved(failing.actions, move), failing);
    }
  }
  let found: Passing | null = null;
  const accept = (passing: Attempt): boolean => {
    left.steps -= passing.run.machine.scheduler.steps;
    if (passing.run.failure === null) found = { move, passing };
    return found !== null;
  };
  await runUntil(scenario, attempts(), accept, undefined, limits);
  return found;
}

/** A run, and for each of its actions the number of the step in the trace with which it ended. */
interface RecordedRun {
  readonly attempt: Attempt;
  readonly endsAt: readonly number[];
}

/** With each synchronous call in a step of its own, where that is possible in time. `null` if it does not violate the invariant. */
async function recordedWithCalls(
  scenario: Scenario,
  failing: Schedule,
  invariant: string,
  { stop, hangTimeoutMs }: Limits,
): Promise<RecordedRun | null> {
  const fromMs = performance.now();
  const recorded = await recordedAs(scenario, new ReplayedChoices(failing), invariant, hangTimeoutMs);
  // For each call a program starts anew: one that takes long to load would run for minutes, and cannot be interrupted meanwhile.
  if (recorded === null || stop?.aborted || performance.now() - fromMs > MOST_MS_FOR_CALLS) return recorded;
  const choices = new SingleCalls(new ReplayedChoices(failing));
  return (await recordedAs(scenario, choices, invariant, hangTimeoutMs)) ?? recorded;
}

/** `null` if it does not violate the invariant. */
async function recordedAs(
  scenario: Scenario,
  choices: Choices,
  invariant: string,
  hangTimeoutMs: number | undefined,
): Promise<RecordedRun | null> {
  const endsAt: number[] = [];
  const onStep = ({ machine }: Run, actions: ActionLog): void => {
    // A fault that struck before this step ended with the step before it.
    const before = endsAt.at(-1) ?? 0;
    while (endsAt.length < actions.length - 1) endsAt.push(before);
    endsAt[actions.length - 1] = machine.scheduler.steps;
  };
  const attempt = await recordRun(scenario, choices, onStep, hangTimeoutMs);
  return attempt.run.failure?.invariant === invariant ? { attempt, endsAt } : null;
}
