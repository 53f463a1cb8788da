import { GUARDS, makeFolder, PatchedModules, scenarioWithout } from '../../dist/mutation/index.js';
import { SCENARIOS } from '../../dist/systems/index.js';

/** One guard in so many is taken away, to keep the bench short. */
const EVERY = 6;

/** What is to be found: every scenario with a known bug, and the protocol without some of its guards. */
export async function subjectsOf() {
  const folder = makeFolder();
  const copies = new PatchedModules(folder.path);
  const known = SCENARIOS.filter(({ expects }) => expects === 'violation').map((scenario) => ({
    name: scenario.id,
    scenario,
  }));
  const mutants = [];
  for (const [i, guard] of GUARDS.entries()) {
    if (i % EVERY !== 0) continue;
    const scenario = await scenarioWithout(guard, guard.noticedBy[0], copies);
    mutants.push({ name: `without ${guard.name}`, scenario });
  }
  return { known, mutants, remove: () => folder.remove() };
}
