import { explore } from '../../build/explore/index.js';
import { bounded } from '../../build/scenario/index.js';
import { SCENARIOS } from '../../build/systems/index.js';
import { printFigure, printTable, whole } from './figures.mjs';

const TARGET_EDGES = 200_000;
/** A short search is repeated for this time. */
const MEASURE_MS = 2_000;
export const BOUNDS = { contenders: 2, crashes: 0, stops: 0, losses: 0, busyMs: 0 };

export const lock = SCENARIOS.find(({ id }) => id === 'model/lock/cold-start');

/** The speed of an exhaustive search, and the effect of the reductions. */
export async function benchExplore() {
  const one = await timed(BOUNDS, { preemptions: 1 });
  const crash = await timed({ ...BOUNDS, crashes: 1 }, { preemptions: 1 });
  const two = await timed({ ...BOUNDS, crashes: 1 }, { preemptions: 2 });
  const any = await timed(BOUNDS, {});
  const anyCrash = await timed({ ...BOUNDS, crashes: 1 }, {});
  const again = await timed({ ...BOUNDS, crashes: 1 }, { preemptions: 2, remember: false });
  console.log('\nexplore model/lock/cold-start, 2 contenders');
  const row = (what, { executions, states, edges, seconds, complete }) => [
    what,
    complete ? 'yes' : 'no',
    ...[executions, states, edges, executions / seconds, states / seconds, edges / seconds].map(whole),
  ];
  printTable(
    ['', 'complete', 'executions', 'states', 'edges', 'executions/s', 'states/s', 'edges/s'],
    [
      row('1 preemption', one),
      row('1 crash, 1 preemption', crash),
      row('1 crash, 2 preemptions', two),
      row('the same, all executed again', again),
      row('any preemptions', any),
      row('1 crash, any preemptions', anyCrash),
    ],
  );
  printFigure(
    'edges/s, 1 crash, any preemptions',
    whole(anyCrash.edges / anyCrash.seconds),
    whole(TARGET_EDGES),
  );
  for (const preemptions of [1, 2]) await printReduction(preemptions);
}

async function printReduction(preemptions) {
  const small = bounded(lock, BOUNDS);
  const reduced = await explore(small, { preemptions });
  const naive = await explore(small, { preemptions, reduce: false });
  if (!reduced.complete || !naive.complete) throw new Error('a search of the reduction is not complete');
  const times = (of) => `${(naive[of] / reduced[of]).toFixed(1)} x`;
  printFigure(
    `reduction, ${preemptions} preemption${preemptions > 1 ? 's' : ''}`,
    `${times('executions')} fewer executions (${whole(naive.executions)}), ${times('edges')} fewer edges, ${times('seconds')} less time`,
  );
}

/** Makes one search, or as many as fit into the time. */
async function timed(bounds, options) {
  const scenario = bounded(lock, bounds);
  const begun = performance.now();
  let report;
  let times = 0;
  do {
    report = await explore(scenario, options);
    times++;
  } while (performance.now() - begun < MEASURE_MS);
  const { executions, states, edges, complete } = report;
  return { executions, states, edges, complete, seconds: (performance.now() - begun) / 1000 / times };
}
