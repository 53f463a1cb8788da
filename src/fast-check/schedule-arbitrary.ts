/** Schedules of a scenario: which process goes on, when time passes, which of its faults strike, and when. */
import {
  type Arbitrary,
  array,
  constant,
  nat,
  oneof,
  option,
  record,
  toStringMethod,
  tuple,
} from 'fast-check';
import type { Schedule } from '../run/index.ts';
import {
  checkOptions,
  checkScenario,
  contendersOf,
  plannedFaults,
  type Scenario,
  WHOLE,
} from '../scenario/index.ts';
import { mostOf } from '../scenario/run-bounds.ts';
import { encodeToken } from '../schedule/index.ts';

/** How long a stream of choices is at most: as many as a cold start of four contenders makes. Later choices are the default. */
const MAX_LENGTH = 400;
/** Where most faults strike: while processes contend. Later they are idle most of the time. */
const EARLY = 120;
/** How often one fault strikes at most in a run, even if the scenario allows more. */
const MOST_STRIKES = 8;
/** How often, of all times that a fault may strike, it does: two in three. */
const STRIKES_OFTEN = 3;
/** The largest choice of a target, such as a file: more are rarely available. */
const TARGETS = 7;

/** How schedules are generated. */
export interface ScheduleConstraints {
  /** How many choices of each kind may differ from the default: those after them are the default. Default: 400. */
  maxLength?: number;
}

/**
 * Schedules of a scenario, for properties of your own: see {@link assertHolds}. They choose only among what the scenario has: its
 * processes, and its faults, each at most as often as it may strike. A choice that is not available in a run counts as the default.
 *
 * Shrinks towards the default run: no fault, no process is interrupted. A counterexample is printed as a token.
 *
 * @throws TypeError if it is not given a scenario
 * @throws RangeError if `maxLength` is no whole number
 */
export function scheduleArbitrary(
  scenario: Scenario,
  constraints: ScheduleConstraints = {},
): Arbitrary<Schedule> {
  checkScenario('scheduleArbitrary', scenario);
  checkOptions('scheduleArbitrary', constraints, { maxLength: WHOLE });
  const { maxLength = MAX_LENGTH } = constraints;
  const others = Math.max(1, processesOf(scenario) - 1);
  const hasOptional = scenario.start.some(({ optional }) => optional === true);
  return record({
    schedule: turns(others, maxLength),
    settle: turns(others, maxLength),
    time: stream(choiceAmong(1, { defaults: 9 }), maxLength),
    fault: strikesOf(scenario, maxLength),
    target: stream(targetOf(scenario), maxLength),
    absent: constant([]),
    machine: stream(choiceAmong(3, { defaults: 1 }), maxLength),
    optional: hasOptional ? stream(choiceAmong(1, { defaults: 2 }), maxLength) : constant([]),
    preempt: stream(choiceAmong(1, { defaults: 20 }), maxLength),
  }).map((schedule) => printedAsToken(scenario, schedule));
}

/** Which process goes on. A process that is slow for long is found by rare switches, a tight race by many. */
function turns(others: number, maxLength: number): Arbitrary<number[]> {
  const often = (defaults: number): Arbitrary<number[]> =>
    stream(choiceAmong(others, { defaults: defaults * others }), maxLength);
  return oneof(often(1), often(4), often(20));
}

/**
 * The faults of a scenario, each at most as often as it may strike: the number of a fault at each position where it strikes, 0
 * elsewhere. Where two would strike at once, the other one is next.
 */
function strikesOf(scenario: Scenario, maxLength: number): Arbitrary<number[]> {
  const faults = plannedFaults(scenario).flatMap((name, i) =>
    Array.from({ length: Math.min(MOST_STRIKES, mostOf(scenario, name)) }, () => i + 1),
  );
  const early = nat({ max: Math.min(EARLY, Math.max(0, maxLength - 1)) });
  const position = oneof(early, early, nat({ max: Math.max(0, maxLength - 1) }));
  const perFault = faults.map(() => option(position, { freq: STRIKES_OFTEN }));
  return tuple(...perFault).map((positions) => {
    const choices: number[] = [];
    for (const [i, at] of positions.entries()) {
      if (at === null) continue;
      let free = at;
      while ((choices[free] ?? 0) !== 0) free++;
      while (choices.length <= free) choices.push(0);
      choices[free] = faults[i]!;
    }
    return choices;
  });
}

/** Which process or file a fault strikes, and for how long. */
function targetOf(scenario: Scenario): Arbitrary<number> {
  const lengths = Object.values(scenario.faults).map((plan) =>
    typeof plan === 'object' ? (plan.forMs?.length ?? 0) : 0,
  );
  const most = Math.max(TARGETS, processesOf(scenario) - 1, ...lengths.map((length) => length - 1));
  // Small numbers are available more often than large ones.
  return oneof(
    choiceAmong(1, { defaults: 1 }),
    choiceAmong(3, { defaults: 1 }),
    choiceAmong(most, { defaults: 1 }),
  );
}

/** At most how many processes of the system its starts make. Their children are not known before a run. */
function processesOf(scenario: Scenario): number {
  return contendersOf(scenario);
}

function stream(choice: Arbitrary<number>, maxLength: number): Arbitrary<number[]> {
  return array(choice, { maxLength, size: 'max' });
}

/** 0, the default choice, `defaults` times as often as each of 1 to `most`. */
function choiceAmong(most: number, { defaults }: { defaults: number }): Arbitrary<number> {
  return nat({ max: defaults + most - 1 }).map(
    (n) => Math.max(0, n - defaults + 1),
    (choice) => (typeof choice === 'number' && choice > 0 ? choice + defaults - 1 : 0),
  );
}

/** fast-check prints a counterexample with this method: thousands of choices would tell a reader nothing. */
function printedAsToken(scenario: Scenario, schedule: Schedule): Schedule {
  return Object.defineProperty(schedule, toStringMethod, {
    value: () => encodeToken(scenario, schedule),
    enumerable: false,
  });
}
