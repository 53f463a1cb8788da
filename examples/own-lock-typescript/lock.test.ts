import { raceTest } from 'one-survivor/vitest';
import lock from './lock.js';

// ONE_SURVIVOR_SEED and ONE_SURVIVOR_RUNS override these options.
raceTest('the lock leaves one owner', lock, { runs: 1_000, from: './lock.ts' });
