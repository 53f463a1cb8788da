/** Prints the trace hash of every recorded token under this version of Node; `null` if the scenario is not available. */
import { replay } from '../dist/index.js';
import { SCENARIOS } from '../dist/systems/index.js';
import { readCorpus } from './corpus-file.mjs';

const hashes = [];
for (const { token, scenario } of readCorpus()) {
  const known = SCENARIOS.find(({ id }) => id === scenario);
  hashes.push(known === undefined ? null : (await replay(token, () => known)).traceHash);
}
console.log(JSON.stringify({ node: process.version, hashes }));
