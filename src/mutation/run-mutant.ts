import { replaySchedule, search, shrink } from '../check/index.ts';
import type { Scenario } from '../scenario/index.ts';
import { scenariosIn } from '../scenario/modules.ts';
import type { Mutant } from './mutant-file.ts';
import { MutantError } from './patch.ts';
import { importPatched, isChangedBy } from './patched-modules.ts';

export interface MutantOptions {
  readonly seed: number;
  /** How many runs of each scenario at most. */
  readonly runs: number;
}

/** Which scenario kills a mutant, if any. Plain data. */
export interface MutantResult {
  /** The name. */
  readonly mutant: string;
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

/**
 * Searches the scenarios of a mutant until one is violated.
 *
 * @throws MutantError when the mutant does not fit the source, or a scenario does not use what it changes
 */
export async function runMutant(mutant: Mutant, options: MutantOptions): Promise<MutantResult> {
  const { name, about } = mutant;
  let runs = 0;
  for (const id of mutant.killedBy) {
    const scenario = await scenarioOf(mutant, id);
    const searched = await search(scenario, options);
    runs += searched.runs;
    if (searched.found !== null) {
      const { failure, schedule } = searched.found;
      const shrunk = await shrink(scenario, schedule, failure, { maxSteps: MAX_STEPS });
      const { token } = await replaySchedule(scenario, shrunk.schedule);
      return { mutant: name, about, killed: true, by: { scenario: id, ...shrunk.failure, token }, runs };
    }
  }
  return { mutant: name, about, killed: false, by: null, runs };
}

/**
 * A built-in scenario as it is with a mutant.
 *
 * @throws MutantError when there is no such scenario, it does not use what the mutant changes, or the mutant does not fit the source
 */
export async function scenarioOf(mutant: Mutant, id: string): Promise<Scenario> {
  const entry = `systems/${id.split('/')[0]}/scenarios.ts`;
  if (!isChangedBy(mutant, entry))
    throw new MutantError(`${id} cannot kill ${mutant.name}: src/${entry} does not use src/${mutant.module}`);
  const scenarios = scenariosIn(await importPatched(mutant, entry));
  const scenario = scenarios.find((candidate) => candidate.id === id);
  if (scenario === undefined)
    throw new MutantError(
      `there is no scenario ${id}, which is to kill ${mutant.name} (${mutant.writtenIn})`,
    );
  return scenario;
}
