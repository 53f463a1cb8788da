/** What the search finds, and how fast. All comparisons are made in one run, on one core unless a line says otherwise. */
import { benchExplore } from './search/explore.mjs';
import { benchFirstViolations } from './search/first-violations.mjs';
import { benchNovelty } from './search/novelty.mjs';
import { benchSpin } from './search/spin.mjs';
import { benchWorkers } from './search/workers.mjs';

const begun = performance.now();
await benchFirstViolations();
await benchNovelty();
await benchExplore();
await benchSpin();
await benchWorkers();
console.log(`\n${((performance.now() - begun) / 1000).toFixed(0)} s in total; Node ${process.version}`);
