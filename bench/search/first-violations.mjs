import { execFileSync } from 'node:child_process';
import { search } from '../../build/check/index.js';
import { DEFAULT_STRATEGY, STRATEGIES } from '../../build/schedule/index.js';
import { median, printFigure, printTable, whole } from './figures.mjs';
import { subjectsOf } from './subjects.mjs';

const SEEDS = 11;
const CAP = 2_000;
/** The number of seeds if each of them finds the bug in the first few runs. */
const FEW = 4;
const AT_ONCE = 5;
/** The number of seeds if none of them finds the bug. */
const HOPELESS = 3;
/** Bugs that need fewer runs are found by any strategy, and not shown. */
const SHOWN_FROM = 25;
/** For bugs that need at least this many runs, other strategies are compared. */
const HARD_FROM = 100;
const TARGETS = { fewer: 5, seconds: 1 };
const MIDDLE = Math.floor(SEEDS / 2);

const others = STRATEGIES.filter((strategy) => strategy !== DEFAULT_STRATEGY);

/** Measures how many runs each strategy needs until the first violation, and how long the portfolio takes. */
export async function benchFirstViolations() {
  const subjects = await subjectsOf();
  const found = [];
  const unseen = [];
  for (const subject of [...subjects.known, ...subjects.mutants]) {
    const portfolio = await portfolioOn(subject);
    // Mutants that only a `sometimes` notices have no violation.
    if (portfolio.every(({ runs }) => runs > CAP)) {
      unseen.push(subject.name);
      continue;
    }
    const medians = { [DEFAULT_STRATEGY.name]: median(portfolio.map(({ runs }) => runs)) };
    for (const strategy of others) medians[strategy.name] = await medianRuns(subject.scenario, strategy);
    const seconds = median(portfolio.map((each) => each.seconds));
    found.push({ name: subject.name, medians, seconds });
  }
  printRuns(found);
  printUnseen(unseen, subjects);
  printHard(found.filter(({ medians }) => medians.random >= HARD_FROM));
  printSlowest(found);
}

/** Searches with each seed until the first violation, and measures the time. */
async function portfolioOn({ scenario }) {
  const results = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const begun = performance.now();
    const { found } = await search(scenario, { seed, runs: CAP });
    results.push({ runs: found?.run ?? Infinity, seconds: (performance.now() - begun) / 1000 });
    if (isSettled(results.map((result) => result.runs))) break;
    if (results.length > MIDDLE && results.every(({ runs }) => runs > CAP)) break;
  }
  return results;
}

/** Once half of the seeds are done, the others are stopped at the median, since more runs would not change it. */
async function medianRuns(scenario, strategy) {
  const runs = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const sorted = [...runs].sort((a, b) => a - b);
    const enough = Math.min(CAP, sorted[MIDDLE] ?? CAP);
    const missed = runs.filter((run) => run > CAP).length;
    if (missed > MIDDLE || (missed === runs.length && missed >= HOPELESS)) return Infinity;
    const { found } = await search(scenario, { seed, runs: enough, strategy });
    runs.push(found?.run ?? (enough < CAP ? enough : Infinity));
    if (isSettled(runs)) break;
  }
  return median(runs);
}

function isSettled(runs) {
  return runs.length === FEW && runs.every((run) => run <= AT_ONCE);
}

function printRuns(found) {
  const names = STRATEGIES.map(({ name }) => name);
  const shown = found.filter(({ medians }) => names.some((name) => medians[name] >= SHOWN_FROM));
  const cell = (runs) => (runs > CAP ? `> ${whole(CAP)}` : whole(runs));
  const mean = (name) =>
    Math.exp(
      found.reduce((sum, { medians }) => sum + Math.log(Math.min(medians[name], CAP)), 0) / found.length,
    );
  console.log(`runs until the first violation: medians of ${SEEDS} seeds, at most ${whole(CAP)} runs`);
  printTable(
    ['', ...names],
    [
      ...shown.map(({ name, medians }) => [name, ...names.map((strategy) => cell(medians[strategy]))]),
      [`all ${found.length}: geometric mean`, ...names.map((name) => mean(name).toFixed(1))],
      [
        'all: not found by half of the seeds',
        ...names.map((name) => found.filter(({ medians }) => medians[name] > CAP).length),
      ],
    ],
  );
  console.log(
    `${found.length - shown.length} others are found by each strategy within ${SHOWN_FROM} runs; named bugs and mutants together ${found.length} (target 30)`,
  );
}

function printUnseen(unseen, { mutants }) {
  if (unseen.length === 0) return;
  const sample = mutants.filter(({ name }) => unseen.includes(name)).length;
  console.log(
    `not violated by any run: ${unseen.join(', ')} (${sample} of them mutants, which a \`sometimes\` or another scenario notices)`,
  );
}

/** Prints the bugs for which random schedules need long. */
function printHard(hard) {
  if (hard.length === 0) return;
  const steered = ['pct', 'pos', 'surw'];
  // If a bug was not found, the ratio is at least the cap.
  const ratioOf = (medians, names) =>
    Math.min(medians.random, CAP) / Math.min(...names.map((name) => Math.min(medians[name], CAP)));
  const rows = hard.map(({ name, medians }) => {
    const best = steered.reduce((a, b) => (medians[b] < medians[a] ? b : a));
    const atLeast = medians.random > CAP ? '> ' : '';
    const times = (names) => `${atLeast}${ratioOf(medians, names).toFixed(1)} x`;
    return [name, times(['pct', 'pos']), `${times(steered)} ${best}`, times([DEFAULT_STRATEGY.name])];
  });
  console.log(`\nwhere uniform random needs ${HARD_FROM} runs or more: how many times fewer`);
  printTable(['', 'the better of PCT and POS', 'the best, SURW too', 'portfolio'], rows);
  const reached = (names) => hard.filter(({ medians }) => ratioOf(medians, names) >= TARGETS.fewer).length;
  const target = `all ${hard.length}`;
  printFigure(
    `PCT or POS needs ${TARGETS.fewer} x fewer in`,
    `${reached(['pct', 'pos'])} of ${hard.length}`,
    target,
  );
  printFigure(`PCT, POS or SURW needs ${TARGETS.fewer} x fewer in`, `${reached(steered)} of ${hard.length}`);
}

function printSlowest(found) {
  const slowest = found.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const within = found.filter(({ seconds }) => seconds < TARGETS.seconds).length;
  console.log();
  printFigure('found by the portfolio within a second', `${within} of ${found.length}`, `all`);
  printFigure(
    'the slowest, median of the seeds',
    `${slowest.seconds.toFixed(2)} s, ${slowest.name}`,
    `${TARGETS.seconds} s`,
  );
  const known = found.filter(({ name }) => !name.startsWith('without '));
  const { name } = known.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const cold = Array.from({ length: 5 }, (_, i) => Number(coldStart(name, i + 1)));
  printFigure(
    'the slowest that is no mutant, from the start of a process',
    `${median(cold).toFixed(2)} s, ${name}`,
    '1 s',
  );
}

/** Seconds from the start of a fresh Node to the first violation. */
function coldStart(id, seed) {
  const script = new URL('./cold.mjs', import.meta.url).pathname;
  return execFileSync(process.execPath, [script, id, String(seed)], { encoding: 'utf8' });
}
