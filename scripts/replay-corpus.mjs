/** Prints the trace hash of every recorded token, as this version of Node gives it; null where the scenario is not known. */
import { replay } from '../dist/check/index.js';
import { SCENARIOS } from '../dist/systems/index.js';
import { readCorpus } from './corpus-file.mjs';

const hashes = [];
for (const { token, scenario } of readCorpus()) {
  const known = SCENARIOS.find(({ id }) => id === scenario);
  hashes.push(known === undefined ? null : (await replay(token, () => known)).traceHash);
}
console.log(JSON.stringify({ node: process.version, hashes }));
