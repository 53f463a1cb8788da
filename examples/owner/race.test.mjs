import { raceTest } from 'one-survivor/vitest';
import counter from './race.mjs';

raceTest('one daemon counts', counter, { runs: 200, from: new URL('./race.mjs', import.meta.url) });
