import { replaySchedule, search, shrink } from '../check/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { importModule, scenariosIn } from '../scenario/modules.ts';
import { GuardError } from './edit.ts';
import type { Guard } from './guard.ts';
import type { PatchedModules } from './patched-modules.ts';

export interface MutantOptions {
  readonly seed: number;
  /** How many runs of each scenario at most. */
  readonly runs: number;
}

/** Who has noticed that a guard is gone. Plain data. */
export interface MutantResult {
  /** The guard's name. */
  readonly guard: string;
  readonly about: string;
  readonly killed: boolean;
  readonly by: Kill | null;
  /** How many runs it took, of all scenarios that were tried. */
  readonly runs: number;
}

export interface Kill {
  readonly scenario: string;
  readonly invariant: string;
  readonly message: string;
  readonly token: string;
}

/** For shrinking. The first attempt, all default choices, does most; there are many mutants, and the token need not be minimal. */
const MAX_STEPS = 20_000;

/** Searches the scenarios of a guard, with the guard taken away, until one is violated. */
export async function runMutant(
  guard: Guard,
  copies: PatchedModules,
  options: MutantOptions,
): Promise<MutantResult> {
  const { name, about } = guard;
  let runs = 0;
  for (const id of guard.noticedBy) {
    const scenario = await scenarioWithout(guard, id, copies);
    const searched = await search(scenario, options);
    runs += searched.runs;
    if (searched.found !== null) {
      const { failure, schedule } = searched.found;
      const shrunk = await shrink(scenario, schedule, failure, { maxSteps: MAX_STEPS });
      const { token } = await replaySchedule(scenario, shrunk.schedule);
      return { guard: name, about, killed: true, by: { scenario: id, ...shrunk.failure, token }, runs };
    }
  }
  return { guard: name, about, killed: false, by: null, runs };
}

/**
 * A scenario of a protocol that lacks a guard.
 *
 * @throws GuardError when there is no such scenario, or the guard does not fit the code
 */
export async function scenarioWithout(guard: Guard, id: string, copies: PatchedModules): Promise<Scenario> {
  const scenarios = scenariosIn(await importModule(copies.urlFor(guard, id)));
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined) throw new GuardError(`there is no scenario ${id} to notice ${guard.name}`);
  return scenario;
}
