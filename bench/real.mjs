/** Replays on real processes: how many a second, and how long a step takes. One at a time; the median of some rounds. */
import { builtInUrl, lockstepEntry, replayReal } from '../build/cli/confirm.js';
import { decodeToken } from '../build/schedule/index.js';
import { SCENARIOS } from '../build/systems/index.js';
import { readCorpus } from '../scripts/corpus-file.mjs';

const ROUNDS = 3;
/** Of different kinds: two and more processes, sockets, signals, children, faults of files. */
const IDS = [
  ...['model/naive/cold-start', 'model/naive/stopped-owner', 'faults/unguarded/kill'],
  ...['faults/unguarded/tear-state', 'faults/unguarded/parent-death', 'mcporter/before/launchd'],
];

const corpus = readCorpus();
let total = 0;
let replays = 0;
for (const id of IDS) {
  const scenario = SCENARIOS.find((each) => each.id === id);
  const { schedule } = decodeToken(corpus.find((entry) => entry.scenario === id).token);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const real = await replayReal(scenario, schedule, { entry: lockstepEntry, url: builtInUrl });
    if (real.agrees !== true) throw new Error(`${id}: ${real.verdict} ${real.reason ?? ''}`);
    rounds.push(real);
    total += real.seconds;
    replays++;
  }
  const [seconds] = rounds
    .map((real) => real.seconds)
    .sort((a, b) => a - b)
    .slice(ROUNDS >> 1);
  const { processes, comparisons } = rounds[0];
  console.log(`${id.padEnd(32)} ${seconds.toFixed(2)} s  ${processes} processes, ${comparisons} comparisons`);
}
console.log(`${(replays / total).toFixed(2)} replays a second, one at a time`);
