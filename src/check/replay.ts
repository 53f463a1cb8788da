import { type Difference, firstDifference } from '../run/difference.ts';
import { executeAll } from '../run/execute.ts';
import type { Failure } from '../run/failure.ts';
import { ENDED_BY_REAL_TIME, isByRealTime } from '../run/real-time.ts';
import { type Divergence, ReplayedChoices, type Schedule } from '../run/recorded-choices.ts';
import { Run } from '../run/run.ts';
import { type TraceEvent, traceHash } from '../run/trace.ts';
import { checkScenario, checkValue, isScenario, shown } from '../scenario/arguments.ts';
import { findBounded } from '../scenario/bounds.ts';
import type { Scenario } from '../scenario/options.ts';
import { decodeToken, encodeToken, TokenError } from '../schedule/token.ts';
import type { Choices } from '../sim/index.ts';
import { type Cost, costOf } from './counterexample.ts';
import { locate, locatedNotes } from './located-run.ts';
import { type Wait, waitsOf } from './waits.ts';

/** The result of replaying a schedule. */
export interface Replay {
  readonly token: string;
  readonly scenario: Scenario;
  /**
   * `nondeterministic`: the two runs of the schedule differ. `inconclusive`: only one of them was interrupted by the real clock, or both
   * were, at different points, so they cannot be compared.
   */
  readonly verdict: 'passed' | 'violated' | 'nondeterministic' | 'inconclusive';
  /** `null` if inconclusive. */
  readonly failure: Failure | null;
  readonly cost: Cost;
  readonly starts: StartsOfRun;
  readonly traceHash: string;
  readonly events: readonly TraceEvent[];
  /** If something was not true at the end: what the processes that are alive wait for. Otherwise empty. */
  readonly waits: readonly Wait[];
  /** Set if the schedule has a choice that the run does not offer, because the programs have changed since. */
  readonly misfit: Divergence | null;
  /** Set if nondeterministic. */
  readonly difference: Difference | null;
  /** Why it is inconclusive, and what to do. Otherwise `null`. */
  readonly reason: string | null;
  /** What an author should know although it is not a violation, such as an operation that was not awaited and never happened. */
  readonly notes: readonly string[];
}

/** Which of the processes in `start` a run has. Plain data. */
export interface StartsOfRun {
  /** How many there can be, without foreign ones. */
  readonly of: number;
  /** The names of required processes that exist but are never scheduled: the violation does not need them. */
  readonly idle: readonly string[];
  /** The names of processes of optional starts that the run does not have. */
  readonly leftOut: readonly string[];
}

const TOKEN = {
  what: 'a string such as os1:SCENARIO:HASH:CHOICES:CHECK',
  fits: (value: unknown) => typeof value === 'string',
};

/**
 * Runs the schedule of a token twice, and reports what happened.
 *
 * @param find returns the scenario with an ID
 * @param hangTimeoutMs real time after which a program that does not yield is interrupted. Default: 5,000
 * @throws TypeError if the token is no string, or if `find` is no function, or returns no scenario
 * @throws TokenError if the token is damaged, or belongs to another scenario, definition or version
 */
export async function replay(
  token: string,
  find: (id: string) => Scenario | undefined,
  hangTimeoutMs?: number,
): Promise<Replay> {
  const { scenario, schedule } = runOfToken(token, find);
  return replaySchedule(scenario, schedule, hangTimeoutMs);
}

/**
 * The scenario and the schedule of a token.
 *
 * @throws as {@link replay}
 */
export function runOfToken(
  token: string,
  find: (id: string) => Scenario | undefined,
): { scenario: Scenario; schedule: Schedule } {
  checkValue('replay: token', token, TOKEN);
  if (typeof find !== 'function') {
    const hint = isScenario(find) ? ', such as () => scenario' : '';
    throw new TypeError(
      `replay: find: got ${shown(find)}: expected a function that returns the scenario of an ID${hint}`,
    );
  }
  const { scenario: id, hash, schedule } = decodeToken(token);
  const found = find(id);
  if (found !== undefined) checkScenario('replay: find', found);
  // `find` may always return the same scenario; then the bounds of the token are applied to it.
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
  return { scenario, schedule };
}

/** Runs a schedule twice. */
export async function replaySchedule(
  scenario: Scenario,
  schedule: Schedule,
  hangTimeoutMs?: number,
): Promise<Replay> {
  const choices = new ReplayedChoices(schedule);
  const { run, events, difference, isCut } = await runTwice(scenario, choices, schedule, hangTimeoutMs);
  const failure =
    run.failure === null || isCut ? null : await locate(scenario, schedule, run.failure, hangTimeoutMs);
  const notes =
    run.notes.size === 0 || isCut ? run.notes : await locatedNotes(scenario, schedule, hangTimeoutMs);
  return {
    token: encodeToken(scenario, schedule),
    scenario,
    verdict: isCut
      ? 'inconclusive'
      : difference !== null
        ? 'nondeterministic'
        : failure !== null
          ? 'violated'
          : 'passed',
    failure,
    cost: costOf(run),
    starts: startsOf(run),
    traceHash: traceHash(events),
    events,
    waits: isOfTheEnd(scenario, failure) ? await waitsOf(scenario, schedule, hangTimeoutMs) : [],
    misfit: choices.misfit,
    difference,
    reason: isCut ? ENDED_BY_REAL_TIME : null,
    notes: [...notes.values()],
  };
}

interface Made {
  readonly run: Run;
  readonly events: TraceEvent[];
}

/** Whether an `eventually` was not true. */
function isOfTheEnd({ invariants }: Scenario, failure: Failure | null): boolean {
  return invariants.some(({ kind, name }) => kind === 'eventually' && name === failure?.invariant);
}

function startsOf({ scenario, idle, leftOut }: Run): StartsOfRun {
  const counts = scenario.start.filter(({ foreign }) => !foreign).map(({ count = 1 }) => count);
  return { of: counts.reduce((sum, count) => sum + count, 0), idle, leftOut };
}

/**
 * @param schedule the choices that `choices` make, complete at the end of the run
 * @returns the first run that the real clock has not ended, if there is one
 */
async function runTwice(
  scenario: Scenario,
  choices: Choices,
  schedule: Schedule,
  hangTimeoutMs: number | undefined,
) {
  const made: Made[] = [];
  const next = (): Run | null => {
    if (made.length === 2) return null;
    const events: TraceEvent[] = [];
    const source = made.length === 0 ? choices : new ReplayedChoices(schedule);
    const run = new Run(scenario, source, { trace: events });
    made.push({ run, events });
    return run;
  };
  await executeAll(next, () => {}, hangTimeoutMs);
  const [first, second] = made as [Made, Made];
  const difference = firstDifference(first.events, second.events);
  const whole = made.find(({ run }) => !isByRealTime(run.failure));
  const interrupted = made.some(({ run }) => isByRealTime(run.failure));
  // A program that never yields is interrupted twice, after the same events.
  const isCut = interrupted && (whole !== undefined || difference !== null);
  return { ...(whole ?? first), difference: isCut ? null : difference, isCut };
}
