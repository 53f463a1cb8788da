/** Scenarios that are like a given one: with other processes, times, files and faults. */
import {
  type Arbitrary,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
  toStringMethod,
  tuple,
} from 'fast-check';
import type { Schedule } from '../run/index.ts';
import { checkScenario, type Scenario, type Start, scenario } from '../scenario/index.ts';
import type { FaultName, FaultPlan } from '../sim/index.ts';
import { type ScheduleConstraints, scheduleArbitrary } from './schedule-arbitrary.ts';

/** How many processes an entry of `start` may have more than in the given scenario. */
const MORE = 3;

/** In what the scenarios differ. */
export interface ScenarioVariety {
  /** The faults to choose from, each with its maximum. Default: those of the given scenario. */
  faults?: FaultPlan;
  /** For each path the contents that a file may have at the start; `null` is a directory. Any of them may be missing. Default: none. */
  files?: Readonly<Record<string, readonly (string | null)[]>>;
  /** How many more processes each entry of `start` may have. Default: 3. */
  more?: number;
}

/** A scenario, and a schedule of it. */
export interface GeneratedRun {
  readonly scenario: Scenario;
  readonly schedule: Schedule;
}

/**
 * Scenarios like a given one, with the same programs and invariants. Each entry of `start` has from one to `more` processes above its
 * count, and starts at any time while faults may strike; entries with `phase: 'settle'`, a `parent`, a `pid`, and foreign ones stay as
 * they are. Some of the faults may strike, and some of the files are there before.
 *
 * @throws TypeError if it is not given a scenario
 */
export function scenarioArbitrary(base: Scenario, variety: ScenarioVariety = {}): Arbitrary<Scenario> {
  checkScenario('scenarioArbitrary', base);
  const { faults = base.faults, files = {}, more = MORE } = variety;
  return record({
    start: tuple(...base.start.map((start) => startLike(start, base.faultsForMs, more))),
    faults: someOf(faults),
    files: filesOf(files),
  }).map((parts) => likeWith(base, parts));
}

/**
 * Runs for a property: a scenario like the given one, and a schedule of it. For example
 * `fc.asyncProperty(runArbitrary(lock), ({ scenario, schedule }) => assertHolds(scenario, schedule))`.
 *
 * @throws TypeError if it is not given a scenario
 */
export function runArbitrary(
  base: Scenario,
  variety: ScenarioVariety = {},
  constraints: ScheduleConstraints = {},
): Arbitrary<GeneratedRun> {
  return scenarioArbitrary(base, variety).chain((like) =>
    scheduleArbitrary(like, constraints).map((schedule) => ({ scenario: like, schedule })),
  );
}

function startLike(start: Start, withinMs: number, more: number): Arbitrary<Start> {
  const { phase, parent, pid, foreign, count = 1, atMs = 0 } = start;
  if (phase === 'settle' || parent !== undefined || pid !== undefined || foreign) return constant(start);
  return record({
    count: integer({ min: 1, max: count + more }),
    // Most races need processes that start together.
    atMs: oneof(constant(atMs), constant(atMs), nat({ max: withinMs })),
  }).map((differs) => ({ ...start, ...differs }));
}

function someOf(faults: FaultPlan): Arbitrary<FaultPlan> {
  const entries = Object.entries(faults) as [FaultName, FaultPlan[FaultName]][];
  return tuple(...entries.map(([name, plan]) => option(constant([name, plan] as const), { freq: 2 }))).map(
    (some) => Object.fromEntries(some.filter((entry) => entry !== null)),
  );
}

function filesOf(
  files: Readonly<Record<string, readonly (string | null)[]>>,
): Arbitrary<Record<string, string | null>> {
  const entries = Object.entries(files).map(([path, contents]) =>
    option(
      constantFrom(...contents).map((content) => [path, content] as const),
      { freq: 2 },
    ),
  );
  return tuple(...entries).map((some) => Object.fromEntries(some.filter((entry) => entry !== null)));
}

type Parts = Pick<Scenario, 'start' | 'faults'> & { readonly files: Record<string, string | null> };

function likeWith(base: Scenario, { files, ...parts }: Parts): Scenario {
  const { hash: _, programs, machine, ...rest } = base;
  const like = scenario({
    ...rest,
    ...parts,
    programs: Object.fromEntries(programs),
    machine: {
      ...machine,
      ...((machine.files ?? hasSome(files)) && { files: { ...machine.files, ...files } }),
    },
  });
  const shown = { ...parts, ...(hasSome(files) && { files }) };
  return Object.freeze(
    Object.defineProperty({ ...like }, toStringMethod, {
      value: () => `${base.id} with ${JSON.stringify(shown)}`,
      enumerable: false,
    }),
  );
}

function hasSome(files: object): boolean {
  return Object.keys(files).length > 0;
}
