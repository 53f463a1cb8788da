import { protocolMutants, scenarioOf } from '../../build/mutation/index.js';
import { SCENARIOS } from '../../build/systems/index.js';

/** Only one of this many mutants, to keep the bench short. */
const EVERY = 6;

/** The bugs to find: every scenario with a known bug, and some mutants of the protocol. */
export async function subjectsOf() {
  const known = SCENARIOS.filter(({ expects }) => expects === 'violation').map((scenario) => ({
    name: scenario.id,
    scenario,
  }));
  const mutants = [];
  for (const [i, mutant] of protocolMutants().entries()) {
    if (i % EVERY !== 0) continue;
    mutants.push({ name: `mutant ${mutant.name}`, scenario: await scenarioOf(mutant, mutant.killedBy[0]) });
  }
  return { known, mutants };
}
