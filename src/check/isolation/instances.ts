// The instances of a module in this thread, shared by all its scenarios and bounded in number and loading time.
import { findBounded } from '../../scenario/bounds.ts';
import { scenariosIn } from '../../scenario/modules.ts';
import type { Scenario } from '../../scenario/options.ts';
import { importFresh } from './fresh-modules.ts';

/** The maximum number of instances, which stay in memory until the process ends. Chosen by hand. */
const MOST = 8;
/** The minimum number: two processes that do not share memory reveal most sharing. */
const FEWEST = 2;
/** Real milliseconds for loading the instances of a module: one that is slow to load gets fewer. Chosen by hand. */
const LOADING_MS = 200;

interface Known {
  readonly scenarios: (readonly Scenario[])[];
  spentMs: number;
}

const known = new Map<string, Known>();

/** The reloaded module exports another definition of the scenario, or none. */
class InstanceError extends Error {
  override readonly name = 'InstanceError';
}

/**
 * The scenario as exported by fresh instances of its module.
 *
 * @param wanted the number of instances; there may be fewer, but at least one
 * @throws ModuleError if the module cannot be loaded again
 * @throws InstanceError if it exports another definition of the scenario
 */
export async function instancesOf(scenario: Scenario, url: string, wanted: number): Promise<Scenario[]> {
  const { scenarios } = await loadUpTo(url, Math.min(MOST, Math.max(1, wanted)));
  return scenarios.slice(0, wanted).map((exported) => {
    const find = (id: string): Scenario | undefined => exported.find((candidate) => candidate.id === id);
    const same = find(scenario.id) ?? findBounded(scenario.id, find);
    if (same?.hash === scenario.hash) return same;
    throw new InstanceError(
      `when loaded again, it exports no scenario ${scenario.id} with the same definition`,
    );
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
