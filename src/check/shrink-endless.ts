import type { Stop } from '../run/deadline.ts';
import type { Failure } from '../run/failure.ts';
import { ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import type { Run } from '../run/run.ts';
import { fnv1a32 } from '../scenario/hash.ts';
import type { Scenario } from '../scenario/options.ts';
import { type ActionLog, ActionReplayer } from '../schedule/action-log.ts';
import { encodeToken } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { type Attempt, recordRun, runUntil } from './attempt.ts';
import { type Cost, type Counterexample, costOf, type Shrunk, shrink } from './shrink.ts';

/** In characters. A shorter token is left as it is. */
const SHORT_TOKEN = 400;
/** A loop that begins later, or is longer, is not looked for: each step of the beginning is compared with all before it. */
const LOOKED_AT_EPISODES = 2_000;
/** Each attempt is a run up to the bound of steps. */
const MAX_ATTEMPTS = 6;

/** From one episode of a actions to another: the machine is in the same state before both. */
interface Loop {
  readonly from: number;
  readonly to: number;
}

/**
 * Shrinks a run that was ended at its bound of steps. That takes long and seldom makes it short, so first and last it is tried
 * whether the run may go round in one loop.
 */
export async function shrinkEndless(
  scenario: Scenario,
  found: Schedule,
  failure: Failure,
  stop: Stop,
): Promise<Shrunk> {
  const looping = await repeatTail(scenario, { schedule: found, failure }, stop);
  const shrunk = await shrink(scenario, looping?.schedule ?? found, failure, { signal: stop });
  const again = await repeatTail(scenario, shrunk, stop);
  if (again !== null) return { ...again, cutShort: shrunk.cutShort };
  const isShort = encodeToken(scenario, shrunk.schedule).length <= SHORT_TOKEN;
  if (looping === null || isShort || isWorse(looping.cost, shrunk.cost)) return shrunk;
  return { ...looping, cutShort: shrunk.cutShort };
}

/**
 * The same violation by a run that goes round in one loop from early on, so that its token is short.
 *
 * @returns null when there is none, or the token is short already
 */
export async function repeatTail(
  scenario: Scenario,
  { schedule, failure }: Pick<Counterexample, 'schedule' | 'failure'>,
  stop: Stop,
): Promise<Counterexample | null> {
  const { length } = encodeToken(scenario, schedule);
  if (length <= SHORT_TOKEN) return null;
  const states: number[] = [];
  const attempt = await recordRun(scenario, new ReplayedChoices(schedule), (run, actions) => {
    if (actions.length > LOOKED_AT_EPISODES) return;
    while (states.length < actions.length) states.push(stateOf(run));
  });
  let better: Counterexample | null = null;
  const accept = ({ run, schedule: looping }: Attempt): boolean => {
    if (run.failure?.invariant !== failure.invariant) return false;
    const cost = costOf(run);
    if (isWorse(cost, costOf(attempt.run)) || encodeToken(scenario, looping).length >= length) return false;
    better = { failure: run.failure, schedule: looping, cost };
    return true;
  };
  await runUntil(scenario, attempts(attempt, loopsOf(states)), accept, undefined, stop);
  return better;
}

/** The number of switches is not compared: it depends on how often the loop is repeated. */
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

/** As long as the actions is. */
function repeated(actions: ActionLog, { from, to }: Loop): ActionLog {
  const loop = actions.slice(from, to);
  return actions.map((episode, i) => (i < to ? episode : loop[(i - from) % loop.length]!));
}

/** Those that end early first; of these the shortest first. */
function* loopsOf(states: readonly number[]): Iterable<Loop> {
  const lastAt = new Map<number, number>();
  for (const [i, state] of states.entries()) {
    const from = lastAt.get(state);
    // The state is that after the episode.
    if (from !== undefined) yield { from: from + 1, to: i + 1 };
    lastAt.set(state, i);
  }
}

/** What decides how it goes on, as far as it can be seen from outside; not the time, nor what a program knows. */
function stateOf({ machine, world }: Run): number {
  const processes = machine.table.everybody().map(({ name, state, runnable }) => {
    return [name, state, ...runnable.map(({ operation }) => operation)];
  });
  const owners = world.currentClaims.map(({ process, token }) => [process.name, token]);
  return fnv1a32(JSON.stringify([machine.fs.toJSON(), processes, owners, machine.listeners.length]));
}
