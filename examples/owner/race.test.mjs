import { raceTest } from 'one-survivor/vitest';
import counter, { stops } from './race.mjs';

const from = new URL('./race.mjs', import.meta.url);

raceTest('one daemon counts', counter, { runs: 200, from });
raceTest('a daemon that is asked to stop claims nothing', stops, { runs: 200, from });
