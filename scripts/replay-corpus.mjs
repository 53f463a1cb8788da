/** Prints the trace hash of every recorded token, as this version of Node gives it. */
import { readFileSync } from 'node:fs';
import { replay } from '../dist/check/index.js';
import { SCENARIOS } from '../dist/systems/index.js';

const corpus = JSON.parse(readFileSync(new URL('../fixtures/tokens.json', import.meta.url), 'utf8'));
const hashes = [];
for (const { token } of corpus) {
  const { traceHash } = await replay(token, (id) => SCENARIOS.find((scenario) => scenario.id === id));
  hashes.push(traceHash);
}
console.log(JSON.stringify({ node: process.version, hashes }));
