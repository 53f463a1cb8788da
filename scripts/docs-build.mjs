/**
 * Writes the pages that are too long to keep in the repository into site/: `npm run docs:build`.
 *
 * site/api: the exports of the package, from their docstrings. site/findings.md: the known bugs of the five systems, from their
 * tokens in fixtures/tokens.json. Exits with 1 if an export has no docstring.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { criticalOf, replay } from '../build/check/index.js';
import { evidenceOf, findingsPage } from '../build/report/index.js';
import { SCENARIOS, SYSTEMS } from '../build/systems/index.js';
import { readApi } from './api.mjs';
import { apiPages, undocumented } from './api-pages.mjs';
import { readCorpus } from './corpus-file.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SITE = join(ROOT, 'site');

async function findings() {
  const tokens = new Map(readCorpus().map(({ scenario, token }) => [scenario, token]));
  const known = SCENARIOS.filter(
    ({ id, expects }) => expects === 'violation' && SYSTEMS.includes(id.split('/')[0]),
  );
  const found = [];
  for (const scenario of known) {
    const token = tokens.get(scenario.id);
    if (token === undefined) throw new Error(`${scenario.id} has no token: npm run corpus`);
    const run = await replay(token, () => scenario);
    found.push({ scenario, evidence: evidenceOf(run, await criticalOf(run)), cost: run.cost });
  }
  return found;
}

rmSync(SITE, { recursive: true, force: true });
mkdirSync(join(SITE, 'api'), { recursive: true });
const entries = readApi(ROOT);
const pages = apiPages(entries);
for (const { path, text } of pages) writeFileSync(join(SITE, 'api', path), text);
const found = await findings();
writeFileSync(join(SITE, 'findings.md'), findingsPage(found, SYSTEMS));
console.log(`site/: ${pages.length} pages of the API, ${found.length} findings`);

const missing = undocumented(entries);
for (const what of missing) console.error(`no docstring: ${what}`);
process.exitCode = missing.length === 0 ? 0 : 1;
