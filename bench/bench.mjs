/** `npm run bench`: what a step costs. `npm run bench -- search`: what the search finds, and how soon. */
const BENCHES = { steps: './steps.mjs', search: './search.mjs' };

const [name = 'steps'] = process.argv.slice(2);
if (!Object.hasOwn(BENCHES, name)) {
  console.error(`bench: got ${JSON.stringify(name)}; accepted: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
await import(BENCHES[name]);
