// The instances of a module that are loaded for one thread, shared by all its scenarios and bounded in number and time.
import { findBounded } from '../../scenario/bounds.ts';
import { scenariosIn } from '../../scenario/modules.ts';
import type { Scenario } from '../../scenario/options.ts';
import { importFresh } from './fresh-modules.ts';

/** Instances stay in memory until the process ends. */
const MOST = 8;
/** Two processes with memory of their own show most of what is shared. */
const FEWEST = 2;
/** Real time for the instances of one module; a module that is slow to load has fewer. */
const LOADING_MS = 200;

interface Known {
  readonly scenarios: (readonly Scenario[])[];
  spentMs: number;
}

const known = new Map<string, Known>();

/** The module, loaded again, has another scenario of this id, or none. */
export class InstanceError extends Error {
  override readonly name = 'InstanceError';
}

/**
 * A scenario as fresh instances of its module have it.
 *
 * @param wanted how many; there may be fewer, but not none
 * @throws ModuleError when the module cannot be loaded again
 * @throws InstanceError when it exports another definition of the scenario
 */
export async function instancesOf(scenario: Scenario, url: string, wanted: number): Promise<Scenario[]> {
  const { scenarios } = await loadUpTo(url, Math.min(MOST, Math.max(1, wanted)));
  return scenarios.slice(0, wanted).map((exported) => {
    const find = (id: string): Scenario | undefined => exported.find((candidate) => candidate.id === id);
    const same = find(scenario.id) ?? findBounded(scenario.id, find);
    if (same?.hash === scenario.hash) return same;
    throw new InstanceError(`loaded again, it exports no scenario ${scenario.id} of the same definition`);
  });
}

async function loadUpTo(url: string, wanted: number): Promise<Known> {
  const entry = known.get(url) ?? { scenarios: [], spentMs: 0 };
  known.set(url, entry);
  while (entry.scenarios.length < wanted) {
    if (entry.scenarios.length >= FEWEST && entry.spentMs > LOADING_MS) break;
    const begunAt = performance.now();
    const scenarios = scenariosIn(await importFresh(url));
    entry.spentMs += performance.now() - begunAt;
    entry.scenarios.push(scenarios);
  }
  return entry;
}
