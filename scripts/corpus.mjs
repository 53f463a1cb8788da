/** Records a token for each scenario that expects a violation: the regression corpus, `fixtures/tokens.json`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { check, replay } from '../dist/check/index.js';
import { SCENARIOS } from '../dist/systems/index.js';

const FILE = new URL('../fixtures/tokens.json', import.meta.url);
const SEEDS = [1, 2];

const corpus = [];
for (const scenario of SCENARIOS.filter(({ expects }) => expects === 'violation')) {
  const tokens = new Set();
  for (const seed of SEEDS) {
    const { violations } = await check(scenario, { seed, runs: 20_000 });
    for (const { token } of violations) tokens.add(token);
  }
  for (const token of tokens) {
    const { failure, traceHash } = await replay(token, () => scenario);
    corpus.push({ scenario: scenario.id, invariant: failure.invariant, token, traceHash });
  }
}
const before = read();
writeFileSync(FILE, `${JSON.stringify(corpus, null, 2)}\n`);
console.log(
  `${corpus.length} tokens; ${corpus.filter(({ token }) => !before.includes(token)).length} of them new`,
);

function read() {
  try {
    return readFileSync(FILE, 'utf8');
  } catch {
    return '';
  }
}
