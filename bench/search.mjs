/** What the search finds and how soon; all compared in one run, on one core unless a line says otherwise. */
import { benchExplore } from './search/explore.mjs';
import { benchFirstViolations } from './search/first-violations.mjs';
import { benchNovelty } from './search/novelty.mjs';
import { benchSpin } from './search/spin.mjs';
import { benchWorkers } from './search/workers.mjs';

const begun = performance.now();
const subjects = await benchFirstViolations();
await benchNovelty();
await benchExplore();
await benchSpin();
await benchWorkers();
subjects.remove();
console.log(`\n${((performance.now() - begun) / 1000).toFixed(0)} s in all; Node ${process.version}`);
