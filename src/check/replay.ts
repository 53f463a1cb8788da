import { type Difference, firstDifference } from '../run/difference.ts';
import { executeAll } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { type Divergence, ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import { type TraceEvent, traceHash } from '../run/trace.ts';
import { findBounded } from '../scenario/bounds.ts';
import type { Scenario } from '../scenario/options.ts';
import { decodeToken, encodeToken, TokenError } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { locate, locatedNotes } from './located-run.ts';
import { type Cost, costOf } from './shrink.ts';

/** A schedule, run again. */
export interface Replay {
  readonly token: string;
  readonly scenario: Scenario;
  /** `nondeterministic`: run twice, it went two ways. */
  readonly verdict: 'passed' | 'violated' | 'nondeterministic';
  readonly failure: Failure | null;
  readonly cost: Cost;
  readonly starts: StartsOfRun;
  readonly traceHash: string;
  readonly events: readonly TraceEvent[];
  /** Set when the schedule asks for something that the run does not offer: the programs have changed since. */
  readonly misfit: Divergence | null;
  /** Set when nondeterministic. */
  readonly difference: Difference | null;
  /** What is no violation and worth knowing, such as an operation that was not awaited and never happened. */
  readonly notes: readonly string[];
}

/** Which processes of a scenario's start a run has. Plain data. */
export interface StartsOfRun {
  /** How many there can be, foreign ones not counted. */
  readonly of: number;
  /** Demanded processes that are there and never get to run, by name: the violation does not need them. */
  readonly idle: readonly string[];
  /** Processes of optional starts that the run does without, by name. */
  readonly leftOut: readonly string[];
}

/**
 * Runs a token's schedule, twice, and tells what happened.
 *
 * @param find the scenario of an id
 * @throws TokenError when the token is damaged, or of another scenario, definition or version
 */
export async function replay(token: string, find: (id: string) => Scenario | undefined): Promise<Replay> {
  const { scenario: id, hash, schedule } = decodeToken(token);
  const found = find(id);
  // A function that returns its one scenario whatever it is asked for means the bounds of the token too.
  const isBase = found !== undefined && found.id !== id && found.id === id.split('+')[0];
  const scenario = isBase ? findBounded(id, () => found) : (found ?? findBounded(id, find));
  if (scenario === undefined) {
    throw new TokenError(
      `the token is of the scenario ${JSON.stringify(id)}, which is not among those known here`,
    );
  }
  if (scenario.hash !== hash) {
    throw new TokenError(
      `the token is of another definition of ${id} (${hash}; here it is ${scenario.hash}): its processes, faults or times have changed. Check the scenario again for a new token`,
    );
  }
  return replaySchedule(scenario, schedule);
}

/** Runs a schedule twice. */
export async function replaySchedule(
  scenario: Scenario,
  schedule: Schedule,
  patienceMs?: number,
): Promise<Replay> {
  const choices = new ReplayedChoices(schedule);
  const { run, events, difference } = await runTwice(scenario, choices, schedule, patienceMs);
  const failure = run.failure === null ? null : await locate(scenario, schedule, run.failure);
  const notes = run.notes.size === 0 ? run.notes : await locatedNotes(scenario, schedule);
  return {
    token: encodeToken(scenario, schedule),
    scenario,
    verdict: difference !== null ? 'nondeterministic' : failure !== null ? 'violated' : 'passed',
    failure,
    cost: costOf(run),
    starts: startsOf(run),
    traceHash: traceHash(events),
    events,
    misfit: choices.misfit,
    difference,
    notes: [...notes.values()],
  };
}

function startsOf({ scenario, idle, leftOut }: Run): StartsOfRun {
  const counts = scenario.start.filter(({ foreign }) => !foreign).map(({ count = 1 }) => count);
  return { of: counts.reduce((sum, count) => sum + count, 0), idle, leftOut };
}

/** @param schedule what `choices` choose, known at the latest when they have chosen it */
async function runTwice(
  scenario: Scenario,
  choices: Choices,
  schedule: Schedule,
  patienceMs: number | undefined,
) {
  const made: { run: Run; events: TraceEvent[] }[] = [];
  const next = (): Run | null => {
    if (made.length === 2) return null;
    const events: TraceEvent[] = [];
    const source = made.length === 0 ? choices : new ReplayedChoices(schedule);
    const run = new Run(scenario, source, { trace: events });
    made.push({ run, events });
    return run;
  };
  await executeAll(next, () => {}, patienceMs);
  const [first, second] = made;
  return { ...first!, difference: firstDifference(first!.events, second!.events) };
}
