import { BUILT_IN, type Failure } from '../run/failure.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import { fnv1a32 } from '../scenario/hash.ts';
import type { Scenario } from '../scenario/options.ts';
import { type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import { encodeToken } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { type Attempt, type Limits, recordRun, runUntil } from './attempt.ts';
import { type Cost, type Counterexample, costOf } from './counterexample.ts';
import { NotRepeated, type Shrunk, shrink } from './shrink.ts';

/** A token with fewer characters need not be shortened. */
const SHORT_TOKEN = 400;
/** Only loops within the first actions are searched, because each action is compared with all before it. */
const LOOKED_AT_ACTIONS = 2_000;
/** Each attempt is a run up to the step bound. */
const MAX_ATTEMPTS = 6;

/** From one action of a log to another, with the machine in the same state before both. */
interface Loop {
  readonly from: number;
  readonly to: number;
}

/**
 * Shrinks a failing run, of whatever kind.
 *
 * @returns `null` if the machine was too busy to repeat it
 */
export async function shrinkFound(
  scenario: Scenario,
  found: Schedule,
  failure: Failure,
  limits: Limits,
): Promise<Shrunk | null> {
  try {
    return await (failure.invariant === BUILT_IN['step-bound']
      ? shrinkEndless(scenario, found, failure, limits)
      : shrink(scenario, found, failure, { signal: limits.stop, hangTimeoutMs: limits.hangTimeoutMs }));
  } catch (error) {
    if (error instanceof NotRepeated) return null;
    throw error;
  }
}

/**
 * Shrinks a run that reached the step bound. Ordinary shrinking takes long and rarely makes such a run short, so before and after
 * it this tries to replace the run by a single loop.
 */
export async function shrinkEndless(
  scenario: Scenario,
  found: Schedule,
  failure: Failure,
  limits: Limits,
): Promise<Shrunk> {
  const { stop: signal, hangTimeoutMs } = limits;
  const looping = await repeatTail(scenario, { schedule: found, failure }, limits);
  const shrunk = await shrink(scenario, looping?.schedule ?? found, failure, { signal, hangTimeoutMs });
  const again = await repeatTail(scenario, shrunk, limits);
  if (again !== null) return { ...again, cutShort: shrunk.cutShort };
  const isShort = encodeToken(scenario, shrunk.schedule).length <= SHORT_TOKEN;
  if (looping === null || isShort || isWorse(looping.cost, shrunk.cost)) return shrunk;
  return { ...looping, cutShort: shrunk.cutShort };
}

/**
 * Finds a run with the same violation that repeats one loop from early on, so that its token is short.
 *
 * @returns `null` if there is none, or if the token is already short
 */
export async function repeatTail(
  scenario: Scenario,
  { schedule, failure }: Pick<Counterexample, 'schedule' | 'failure'>,
  limits: Limits,
): Promise<Counterexample | null> {
  const { length } = encodeToken(scenario, schedule);
  if (length <= SHORT_TOKEN) return null;
  const states: number[] = [];
  const look = (run: Run, actions: ActionLog): void => {
    if (actions.length > LOOKED_AT_ACTIONS) return;
    while (states.length < actions.length) states.push(stateOf(run));
  };
  const choices = new ReplayedChoices(schedule);
  const attempt = await recordRun(scenario, choices, look, limits.hangTimeoutMs);
  let better: Counterexample | null = null;
  const accept = ({ run, schedule: looping }: Attempt): boolean => {
    if (run.failure?.invariant !== failure.invariant) return false;
    const cost = costOf(run);
    if (isWorse(cost, costOf(attempt.run)) || encodeToken(scenario, looping).length >= length) return false;
    better = { failure: run.failure, schedule: looping, cost };
    return true;
  };
  await runUntil(scenario, attempts(attempt, loopsOf(states)), accept, undefined, limits);
  return better;
}

/** Ignores the number of switches, because it depends on how often the loop is repeated. */
function isWorse(a: Cost, b: Cost): boolean {
  return a.faults > b.faults || a.contenders > b.contenders;
}

function* attempts(attempt: Attempt, loops: Iterable<Loop>): Iterable<Choices> {
  let left = MAX_ATTEMPTS;
  for (const { from, to } of loops) {
    if (left-- === 0) return;
    yield new ActionReplayer(repeated(attempt.actions, { from, to }), attempt);
  }
}

/** A log of the same length that repeats the loop. */
function repeated(actions: ActionLog, { from, to }: Loop): ActionLog {
  const loop = actions.slice(from, to);
  return actions.map((action, i) => (i < to ? action : loop[(i - from) % loop.length]!));
}

/** Loops ordered by their end, then by length. */
function* loopsOf(states: readonly number[]): Iterable<Loop> {
  const lastAt = new Map<number, number>();
  for (const [i, state] of states.entries()) {
    const from = lastAt.get(state);
    // The state is that after the action.
    if (from !== undefined) yield { from: from + 1, to: i + 1 };
    lastAt.set(state, i);
  }
}

/** The state as visible from outside the programs, without the time. */
function stateOf({ machine, world }: Run): number {
  const processes = machine.table.existing().map(({ name, state, runnable }) => {
    return [name, state, ...runnable.map(({ operation }) => operation)];
  });
  const owners = world.currentClaims.map(({ process, token }) => [process.name, token]);
  return fnv1a32(JSON.stringify([machine.fs.toJSON(), processes, owners, machine.listeners.all().length]));
}
