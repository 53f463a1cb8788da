/**
 * `npm run bench`: the cost of a step. `npm run bench -- search`: what the search finds, and how fast. `-- owner`: what owning costs.
 * `-- guests`: runs of unmodified Node programs. `-- real`: replays on real processes.
 */
const BENCHES = {
  steps: './steps.mjs',
  search: './search.mjs',
  owner: './owner.mjs',
  guests: './guests.mjs',
  real: './real.mjs',
};

const [name = 'steps'] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name)) {
  console.error(`bench: got ${JSON.stringify(name)}; accepted: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
await import(BENCHES[name]);
