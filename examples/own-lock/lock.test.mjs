import { raceTest } from 'one-survivor/vitest';
import lock from './lock.mjs';

// ONE_SURVIVOR_SEED and ONE_SURVIVOR_RUNS go before what is said here.
raceTest('the lock leaves one owner', lock, { runs: 1_000, from: new URL('./lock.mjs', import.meta.url) });
