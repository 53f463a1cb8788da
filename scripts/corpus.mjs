/**
 * Updates the regression corpus: `node scripts/corpus.mjs [TOKEN…] [--fresh]`.
 *
 * Every scenario that expects a violation gets a token. A token that still shows its violation is kept; another one is
 * reported and dropped; a scenario without a token is searched, with seed 1, until its first violation.
 * The given TOKENs are recorded too, including those of fixed bugs, which must no longer violate anything.
 * `--fresh` discards the existing corpus. Equal code and corpus give the same result.
 */
import { parseArgs } from 'node:util';
import { check, replay } from '../build/check/index.js';
import { decodeToken } from '../build/schedule/index.js';
import { MISSING_PACKAGES, SCENARIOS } from '../build/systems/index.js';
import { readCorpus, writeCorpus } from './corpus-file.mjs';

const SEED = 1;
/** Many more than any known bug needs. */
const MAX_RUNS = 20_000;

const { values, positionals } = parseArgs({
  options: { fresh: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const find = (id) => SCENARIOS.find((scenario) => scenario.id === id);
const startedMs = performance.now();
const before = values.fresh ? [] : readCorpus();
const given = positionals.map((token) => ({ scenario: decodeToken(token).scenario, token, why: null }));
const unknown = given.filter(({ scenario }) => find(scenario) === undefined);
for (const { scenario, token } of unknown) complain(`no scenario ${scenario} here: ${token}`);

const corpus = [];
for (const scenario of SCENARIOS) {
  const candidates = [...before, ...given].filter((entry) => entry.scenario === scenario.id);
  const tokens = new Map(candidates.map((entry) => [entry.token, entry]));
  const kept = [];
  for (const entry of tokens.values()) {
    const again = await recordedAgain(scenario, entry);
    if (again !== null) kept.push(again);
  }
  if (kept.length === 0 && scenario.expects === 'violation') kept.push(...(await searched(scenario)));
  corpus.push(...kept);
}
// Scenarios whose packages are not installed. Others that are not here were renamed or removed.
const uninstalled = new Set(MISSING_PACKAGES.flatMap(({ scenarios }) => scenarios.map(({ id }) => id)));
corpus.push(...before.filter(({ scenario }) => uninstalled.has(scenario)));
writeCorpus(corpus);

const old = new Set(before.map(({ token }) => token));
const added = corpus.filter(({ token }) => !old.has(token)).length;
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
console.log(
  `${corpus.length} tokens of ${new Set(corpus.map(({ scenario }) => scenario)).size} scenarios; ${added} new; ${seconds} s`,
);

/** `null` if the token no longer shows its violation. */
async function recordedAgain(scenario, { token, why, invariant, traceHash }) {
  const again = await replay(token, find).catch((error) => {
    console.log(`${scenario.id}: dropped ${token}: ${error.message}`);
    return null;
  });
  if (again === null) return null;
  const expected = scenario.expects === 'violation' ? 'violated' : 'passed';
  const fits = invariant === undefined || invariant === (again.failure?.invariant ?? null);
  if (again.verdict !== expected || !fits) {
    console.log(`${scenario.id}: dropped ${token}: its run ${again.failure?.invariant ?? again.verdict}`);
    // A fixed bug has come back, which cannot be solved by updating the corpus.
    if (scenario.expects === 'pass')
      complain(`${scenario.id} expects to pass, and does not: replay ${token}`);
    return null;
  }
  if (traceHash !== undefined && traceHash !== again.traceHash) {
    console.log(`${scenario.id}: another trace of ${token}`);
  }
  const said =
    again.failure === null ? (why ?? `once violated: ${scenario.about}`) : whyOf(scenario, again.failure);
  return entryOf(scenario, again, said);
}

async function searched(scenario) {
  const report = await check(scenario, { seed: SEED, runs: MAX_RUNS });
  const [violation] = report.violations;
  if (!report.ok || violation === undefined) {
    complain(
      `${scenario.id}: ${report.verdict}, ${violation?.invariant ?? report.reason ?? `${report.runs} runs`}`,
    );
    return [];
  }
  const again = await replay(violation.token, find);
  return [entryOf(scenario, again, whyOf(scenario, violation))];
}

function entryOf({ id }, { token, failure, traceHash }, why) {
  return { scenario: id, invariant: failure?.invariant ?? null, why, token, traceHash };
}

/** What the scenario is about, and what was observed. */
function whyOf({ about }, { message }) {
  return about === '' ? message : `${about}; seen: ${message}`;
}

function complain(text) {
  console.error(text);
  process.exitCode = 1;
}
