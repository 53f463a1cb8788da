import { executeAll, Run } from '../build/run/index.js';
import { scenario } from '../build/scenario/index.js';
import { RandomChoices } from '../build/schedule/random.js';
import { PROCESSES, racer } from './race.mjs';

const race = scenario({
  id: 'bench/race/cold-start',
  programs: { racer },
  start: [{ program: 'racer', count: PROCESSES }],
  invariants: [],
  settleMs: 0,
});

/** @returns {Promise<{ runs: number, steps: number, seconds: number }>} */
export async function raceOurs(runs) {
  let seed = 0;
  let steps = 0;
  const begun = performance.now();
  await executeAll(
    () => (seed < runs ? new Run(race, new EverybodyTakesPart(seed++)) : null),
    (run, failure) => {
      if (failure !== null) throw new Error(failure.message);
      steps += run.machine.scheduler.steps;
    },
  );
  return { runs, steps, seconds: (performance.now() - begun) / 1000 };
}

/** Random schedules of all four processes, for a fair comparison. */
class EverybodyTakesPart extends RandomChoices {
  choose(n, concern, candidates) {
    return concern === 'absent' ? 0 : super.choose(n, concern, candidates);
  }
}
