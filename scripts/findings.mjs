/** Writes docs/findings.md and the table in README.md, from the tokens of fixtures/tokens.json: `npm run findings`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { criticalOf, replay } from '../dist/check/index.js';
import { evidenceOf, findingsPage, findingsTable } from '../dist/report/index.js';
import { SCENARIOS, SYSTEMS } from '../dist/systems/index.js';
import { readCorpus } from './corpus-file.mjs';

const PAGE = new URL('../docs/findings.md', import.meta.url);
const README = new URL('../README.md', import.meta.url);
const [BEGIN, END] = ['<!-- findings -->\n', '\n<!-- /findings -->'];

const findings = [];
const known = SCENARIOS.filter(({ expects }) => expects === 'violation');
for (const scenario of SYSTEMS.flatMap((system) => known.filter(({ id }) => id.startsWith(`${system}/`)))) {
  const token = readCorpus().find((entry) => entry.scenario === scenario.id)?.token;
  if (token === undefined) throw new Error(`${scenario.id} has no token: npm run corpus`);
  const again = await replay(token, () => scenario);
  findings.push({ scenario, evidence: evidenceOf(again, await criticalOf(again)), cost: again.cost });
}
const after = findings.filter(({ scenario }) => scenario.id.includes('/after/'));
const before = findings.filter(({ scenario }) => scenario.id.includes('/before/'));
writeFileSync(PAGE, findingsPage(after, SYSTEMS));
const readme = readFileSync(README, 'utf8');
const [head, rest] = [
  readme.slice(0, readme.indexOf(BEGIN) + BEGIN.length),
  readme.slice(readme.indexOf(END)),
];
writeFileSync(README, head + findingsTable(before) + rest);
console.log(`${after.length} findings in docs/findings.md, ${before.length} bugs in README.md`);
