import { search } from '../../dist/check/index.js';
import { findStrategy } from '../../dist/schedule/index.js';
import { StateWatch } from '../../dist/schedule/state-watch.js';
import { SCENARIOS } from '../../dist/systems/index.js';
import { median, printTable, whole } from './figures.mjs';

const SUBJECTS = ['model/lock/lost-files', 'model/owner/restarts'];
const RUNS = [100, 500];
const SEEDS = 3;

/** How many abstract states the runs of a strategy reach, if none of them is gone back to. */
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

/** Unique abstract states against runs, with novelty and without. */
export async function benchNovelty() {
  const novelty = findStrategy('novelty');
  // Asked for a single run, it has nothing to go back to: the same ways to go on, each from the beginning.
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
