import { availableParallelism } from 'node:os';
import { ParallelChecker } from '../../build/check/parallel/parallel-checker.js';
import { SCENARIOS } from '../../build/systems/index.js';
import { median, printFigure } from './figures.mjs';

const TARGET = 1.7;
const RUNS = 6_000;
const ROUNDS = 3;
const URL_OF_ALL = new URL('../../build/systems/index.js', import.meta.url).href;

const scenario = SCENARIOS.find(({ id }) => id === 'model/lock/cold-start');

/** Compares two threads with one, on the same runs. */
export async function benchWorkers() {
  const cores = availableParallelism();
  if (cores < 2) {
    console.log('\ntwo workers against one: there is only one core');
    return;
  }
  const crew = new ParallelChecker(2);
  const alone = new ParallelChecker(1);
  try {
    await timeOf(crew, RUNS / 4);
    const ratios = [];
    for (let round = 0; round < ROUNDS; round++) {
      const one = await timeOf(alone, RUNS);
      ratios.push(one / (await timeOf(crew, RUNS)));
    }
    console.log();
    printFigure(`two workers against one, ${cores} cores`, `${median(ratios).toFixed(2)} x`, `${TARGET} x`);
  } finally {
    await crew.close();
    await alone.close();
  }
}

async function timeOf(crew, runs) {
  const begun = performance.now();
  const { found } = await crew.searcher(URL_OF_ALL)(scenario, { seed: 1, runs });
  if (found !== null) throw new Error(`${scenario.id}: ${found.failure.message}`);
  return performance.now() - begun;
}
