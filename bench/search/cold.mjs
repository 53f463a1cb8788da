/** Searches one scenario; prints the seconds since this process began until the first violation. */
import { search } from '../../dist/check/index.js';
import { SCENARIOS } from '../../dist/systems/index.js';

const [id, seed] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.id === id);
await search(scenario, { seed: Number(seed), runs: 10_000 });
process.stdout.write((performance.now() / 1000).toFixed(3));
