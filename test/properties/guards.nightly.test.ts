/**
 * Would the properties notice if a guard of the protocol were missing? Each mutant is the protocol without one. These are the mutants that
 * a scenario of the lock or of a whole owner kills; the others need a certain process or file that a start finds, as in
 * `model/found`, which no property generates.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type * as fastCheck from '../../src/fast-check/index.ts';
import type * as oneSurvivor from '../../src/index.ts';
import { type Mutant, protocolMutants } from '../../src/mutation/index.ts';
import type { Scenario } from '../../src/scenario/index.ts';
import { builtPackage } from '../cli/build.ts';
import fc, { FIXED_SEED } from '../fc.ts';
import { builtMutation } from '../mutation/built.ts';
import { runsOf, SYSTEMS } from './whole-scenarios.ts';

/** What the properties of the night do with the scenario that kills a mutant, and with scenarios of all kinds. */
const SCHEDULES = 2_000;
const RUNS = 500;

// Mutants are made of compiled modules, so the rest is compiled too.
const built = await builtPackage();
async function load<Module>(file: string): Promise<Module> {
  return import(/* @vite-ignore */ pathToFileURL(join(built, 'build', file)).href);
}
const { assertHolds, runArbitrary, ScheduleError, scheduleArbitrary } =
  await load<typeof fastCheck>('fast-check/index.js');
const { scenario } = await load<typeof oneSurvivor>('index.js');
const { importPatched } = await builtMutation();

const GUARDS = protocolMutants().filter(({ killedBy }) =>
  killedBy.some((id) => /^model\/(?:lock|owner)\//.test(id)),
);

interface Noticed {
  readonly property: string;
  readonly invariant: string;
  readonly runs: number;
}

const table: string[] = [];
afterAll(() => console.log(table.join('\n')));

it.each(GUARDS)('$name', { timeout: 900_000 }, async (mutant) => {
  const noticed = await noticedBy(mutant);
  table.push(
    `${mutant.name.padEnd(76)}${noticed === null ? 'not noticed' : `${noticed.property}, run ${noticed.runs}: ${noticed.invariant}`}`,
  );
  expect(noticed).not.toBeNull();
});

async function noticedBy(mutant: Mutant): Promise<Noticed | null> {
  const { SCENARIOS } = (await importPatched(mutant, 'systems/index.ts')) as { SCENARIOS: Scenario[] };
  const systems = SYSTEMS.filter(({ id }) => id.startsWith('model/'));
  for (const system of systems) {
    const runs = runsOf(system, { runArbitrary, scenario, scenarios: SCENARIOS });
    const noticed = await firstViolation(`like ${system.id}`, runs, RUNS);
    if (noticed !== null) return noticed;
  }
  for (const id of mutant.killedBy) {
    const killer = SCENARIOS.find((each) => each.id === id)!;
    const schedules = scheduleArbitrary(killer).map((schedule) => ({ scenario: killer, schedule }));
    const noticed = await firstViolation(id, schedules, SCHEDULES);
    if (noticed !== null) return noticed;
  }
  return null;
}

async function firstViolation(
  property: string,
  runs: fc.Arbitrary<fastCheck.GeneratedRun>,
  numRuns: number,
): Promise<Noticed | null> {
  const details = await fc.check(
    fc.asyncProperty(runs, (run) => assertHolds(run.scenario, run.schedule)),
    // What fails is shown by `mutants`: here it need not be shrunk.
    { seed: FIXED_SEED, numRuns, endOnFailure: true },
  );
  if (!details.failed) return null;
  const error = details.errorInstance;
  if (!(error instanceof ScheduleError)) throw error;
  return { property, invariant: error.invariant, runs: details.numRuns };
}
