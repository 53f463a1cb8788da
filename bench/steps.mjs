/** Compares schedulers in the same run, because machines and their load differ, but ratios less. */
import Table from 'cli-table3';
import { raceFastCheck } from './fast-check.mjs';
import { raceUnscheduled } from './floor.mjs';
import { idleOwner } from './idle.mjs';
import { raceOurs } from './ours.mjs';

const ROUNDS = 5;
const OURS_RUNS = 20_000;
const FAST_CHECK_RUNS = 2_000;

const TARGETS = {
  ratio: 10,
  stepsPerSecond: 800_000,
  runsPerSecond: 6_000,
  simulatedSecondsPerSecond: 100_000,
};

await raceOurs(2_000);
await raceFastCheck(300);
await raceUnscheduled(2_000);
await idleOwner();

const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  const ours = rates(await raceOurs(OURS_RUNS));
  const theirs = rates(await raceFastCheck(FAST_CHECK_RUNS));
  const floor = rates(await raceUnscheduled(OURS_RUNS));
  const times = (other) => other.runsPerSecond / theirs.runsPerSecond;
  rounds.push({ ours, theirs, floor, ratio: times(ours), best: times(floor) });
}
const idles = [];
for (let round = 0; round < 3; round++) idles.push(await idleOwner());

const ours = pick((round) => round.ours.runsPerSecond).ours;
const theirs = pick((round) => round.theirs.runsPerSecond).theirs;
const floor = pick((round) => round.floor.runsPerSecond).floor;
const ratio = median(rounds.map((round) => round.ratio));
const best = median(rounds.map((round) => round.best));
const idle = median(idles);

const table = new Table({
  head: ['four processes, cold start', 'steps per run', 'steps/s', 'runs/s'],
  style: { head: [] },
});
table.push(row('one-survivor', ours), row('fc.scheduler()', theirs), row('no scheduler at all', floor));
console.log(table.toString());
console.log(
  `ratio of runs/s                                   ${ratio.toFixed(1)} x   (target ${TARGETS.ratio} x)`,
);
console.log(`the same without a scheduler: ports, promises, files   ${best.toFixed(1)} x   (upper bound)`);
console.log(
  `steps/s                                           ${round(ours.stepsPerSecond)}   (target ${round(TARGETS.stepsPerSecond)})`,
);
console.log(
  `runs/s                                            ${round(ours.runsPerSecond)}   (target ${round(TARGETS.runsPerSecond)})`,
);
console.log(
  `idle owner, simulated seconds per real second     ${round(idle)}   (target ${round(TARGETS.simulatedSecondsPerSecond)})`,
);
console.log(`medians of ${ROUNDS} alternating rounds; Node ${process.version}, one core`);

function row(name, { stepsPerRun, stepsPerSecond, runsPerSecond }) {
  return [name, stepsPerRun.toFixed(0), round(stepsPerSecond), round(runsPerSecond)];
}

function rates({ runs, steps, seconds }) {
  return { runsPerSecond: runs / seconds, stepsPerSecond: steps / seconds, stepsPerRun: steps / runs };
}

/** The round with the median of a value. */
function pick(figure) {
  return [...rounds].sort((a, b) => figure(a) - figure(b))[Math.floor(rounds.length / 2)];
}

function median(figures) {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
}

function round(figure) {
  return Math.round(figure).toLocaleString('en-US');
}
