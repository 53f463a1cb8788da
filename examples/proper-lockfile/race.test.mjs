import { raceTest } from 'one-survivor/vitest';
import { coldStart, staleLock } from './race.mjs';

const from = new URL('./race.mjs', import.meta.url);

raceTest('proper-lockfile has one owner after a cold start', coldStart, { runs: 300, from });
raceTest('proper-lockfile has two owners after a stale lock', staleLock, { runs: 1_000, from });
