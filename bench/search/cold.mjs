/** Searches a scenario, and prints the seconds from the start of this process to the first violation. */
import { search } from '../../build/check/index.js';
import { SCENARIOS } from '../../build/systems/index.js';

const [id, seed] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.id === id);
await search(scenario, { seed: Number(seed), runs: 10_000 });
process.stdout.write((performance.now() / 1000).toFixed(3));
