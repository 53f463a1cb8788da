import { search } from '../../build/check/index.js';
import { findStrategy } from '../../build/schedule/index.js';
import { StateWatch } from '../../build/schedule/state-watch.js';
import { SCENARIOS } from '../../build/systems/index.js';
import { median, printTable, whole } from './figures.mjs';

const SUBJECTS = ['model/lock/lost-files', 'model/owner/restarts'];
const RUNS = [100, 500];
const SEEDS = 3;

/** A copy of a strategy that counts abstract states but does not return to them. */
function watched(strategy) {
  return {
    ...strategy,
    learner: () => {
      let watch;
      return {
        choices: (seed, hints) => strategy.choices(seed, hints),
        listener: () => {
          watch = new StateWatch();
          return watch;
        },
        begins: (run) => watch.attach(run),
        learns: () => watch.states,
      };
    },
  };
}

/** Compares the number of abstract states with and without novelty. */
export async function benchNovelty() {
  const novelty = findStrategy('novelty');
  // With a single run there are no moments, so each run starts from the beginning with the same strategies.
  const anew = { ...watched(novelty), name: 'the same, always anew' };
  const strategies = [novelty, anew, watched(findStrategy('random'))];
  const rows = [];
  for (const id of SUBJECTS) {
    const scenario = SCENARIOS.find((candidate) => candidate.id === id);
    if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
    for (const runs of RUNS) {
      const cells = [];
      for (const strategy of strategies) cells.push(whole(await statesOf(scenario, strategy, runs)));
      rows.push([`${id}, ${runs} runs`, ...cells]);
    }
  }
  console.log(`\nunique abstract states, medians of ${SEEDS} seeds: with novelty and without`);
  printTable(['', ...strategies.map(({ name }) => name)], rows);
}

async function statesOf(scenario, strategy, runs) {
  const counts = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    counts.push((await search(scenario, { seed, runs, strategy })).states.length);
  }
  return median(counts);
}
