/**
 * Checks published locks in situations that a daemon must survive, and writes docs/report-card.md: `node scripts/report-card.mjs [--runs N]
 * [--only NAME]`. `npm run guests:install` installs the packages first. With `--only`, the table is printed and not written.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { check } from 'one-survivor';
import { idOf, SCENARIOS, SITUATIONS } from '../fixtures/report-card/scenarios.mjs';
import { LOCKS } from './published.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '400' }, only: { type: 'string', default: '' } },
});
const runs = Number(values.runs);
const [alone, ...situations] = Object.keys(SITUATIONS);
const PAGE = new URL('../docs/report-card.md', import.meta.url);

const rows = [];
const notes = [];
for (const [name, version] of LOCKS.filter(([name]) => name.includes(values.only))) {
  const reason = await whyNotJudged(name, version);
  const cells = [];
  for (const situation of situations) {
    const cell = reason === null ? await cellOf(name, version, situation) : 'not judged';
    cells.push(cell);
    console.log(`${name} ${version}, ${situation}: ${cell}`);
  }
  if (reason !== null) notes.push(`- ${name} ${version} is not judged: ${reason}`);
  rows.push(`| ${name} ${version} | ${cells.join(' | ')} |`);
}
const page = pageOf();
if (values.only === '') writeFileSync(PAGE, page);
else console.log(page);

/** `null` if it takes its lock when nothing happens. */
async function whyNotJudged(name, version) {
  const scenario = scenarioOf(name, version, alone);
  if (scenario === undefined) return '`npm run guests:install` has not installed it.';
  const { violations, reason, error } = await check(scenario, { seed: 1, runs: 3 });
  const [violation] = violations;
  if (violation !== undefined) return `${firstSentence(violation.message)}.`;
  return reason ?? error?.message ?? null;
}

async function cellOf(name, version, situation) {
  const scenario = scenarioOf(name, version, situation);
  const { verdict, violations, reason, struck } = await check(scenario, { seed: 1, runs });
  const [violation] = violations;
  const missing = Object.keys(struck).find((fault) => struck[fault] === 0);
  if (verdict === 'passed' && missing !== undefined) {
    notes.push(`- ${name} ${version}, ${situation}: the fault ${missing} struck in no run.`);
    return 'not reached';
  }
  if (verdict === 'passed') return 'holds';
  if (violation === undefined) {
    notes.push(`- ${name} ${version}, ${situation}: ${verdict}: ${firstSentence(reason ?? '')}.`);
    return verdict;
  }
  const { invariant, token } = violation;
  const what = invariant === 'at most one owner' ? 'two owners' : 'no owner in the end';
  notes.push(`- ${name} ${version}, ${situation}: ${violation.message}. \`${token}\``);
  return what;
}

function scenarioOf(name, version, situation) {
  return SCENARIOS.find(({ id }) => id === idOf(name, version, situation));
}

function firstSentence(text) {
  return text.split('; it has ')[0].replace(/\.$/, '');
}

function pageOf() {
  const titles = situations.map((situation) => situation.replaceAll('-', ' '));
  return `# Report card of published locks

Made by \`npm run guests:install\` and \`npm run report-card\`; do not edit. Each package is unmodified, in a small daemon that takes the lock as the
package's documentation shows, keeps it, and exits if another one has it (\`fixtures/report-card/locks.mjs\`). Each cell is a check with seed 1 and ${runs} runs.
*holds*: no violation was found in them, which is no proof. *two owners*: two daemons had the lock at the same time. *no owner in the end*: those that start
after the faults get no lock although no owner is alive, or none is left that runs.

A package may exclude a situation in its documentation: that it does not hold there says what to expect, not that it is faulty.

| package | ${titles.join(' | ')} |
| ${['---', ...titles.map(() => '---')].join(' | ')} |
${rows.join('\n')}

${situations.map((situation) => `- ${situation.replaceAll('-', ' ')}: ${SITUATIONS[situation].about}`).join('\n')}

## What was found

A token replays its run: \`npx one-survivor replay TOKEN --from fixtures/report-card/scenarios.mjs\`, in a clone.

${notes.join('\n')}
`;
}
