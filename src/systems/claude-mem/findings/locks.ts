/** What a lock by time, and a lock that gives way to errors, still let through. */
import type { Program } from '../../../ports/index.ts';
import { type Scenario, sometimes } from '../../../scenario/index.ts';
import { afterFaults, at, scenariosOf, times } from '../../vocabulary/index.ts';
import { hookToday, shared, workerAfter } from '../after.ts';
import { MUTEX_STALE_MS, SPAWN_LOCK_STALE_MS } from '../constants.ts';
import * as must from '../invariants.ts';
import { ensureBehindMutex, hook } from '../programs/launcher.ts';
import { releaseSpawnLock, takeSpawnLock } from '../programs/spawn-lock.ts';
import { MUTEX, SPAWN_LOCK } from '../setup.ts';

const HOUR_MS = 3_600_000;
/** In a directory that has not been made, or is gone since the restart of the machine. */
const LOST_MUTEX = '/run/claude-mem/worker-37777.lock';

/** Starts and ends at once, as from a broken installation. */
const brokenWorker: Program = async () => 1;

/** The lock without its worker, held for a moment. */
const lockAlone: Program = async (ports) => {
  if (!(await takeSpawnLock(ports))) return;
  await ports.clock.sleep(2_000);
  await releaseSpawnLock(ports);
};

const LOCK_SEEN = sometimes('a launcher was behind the lock', 'own');
const LOCK_FAILED = sometimes('the lock itself failed', 'lock-failed');

const COMPARE_AND_SWAP =
  'a lock that is superseded by a compare-and-swap (link of the next generation), and never removed by a contender';
const MONOTONIC = 'a contender measures staleness on its own monotonic clock, while it is awake';

export const OF_LOCKS: readonly Scenario[] = scenariosOf('claude-mem/after', shared, {
  'stale-mutex': {
    about: 'two hooks find a dead hook’s mutex: the slower one removes the fresh mutex of the faster',
    remedy: COMPARE_AND_SWAP,
    breaks: must.oneSpawner,
    start: [at(MUTEX_STALE_MS + 500, times(2, 'hook'))],
    machine: { files: { [MUTEX]: null } },
    faultsForMs: MUTEX_STALE_MS + 1_000,
    invariants: [LOCK_SEEN],
  },
  'restat-gap': {
    about: 'between the second look at a stale spawn.lock and its unlink, a fresh one is created',
    remedy: COMPARE_AND_SWAP,
    breaks: must.oneSpawner,
    programs: { hook: hookToday },
    start: [at(SPAWN_LOCK_STALE_MS + 500, times(2, 'hook'))],
    machine: { files: { [SPAWN_LOCK]: '{"pid":999}' } },
    faultsForMs: SPAWN_LOCK_STALE_MS + 1_000,
    invariants: [LOCK_SEEN],
  },
  'release-gap': {
    about: 'a holder is stopped between the look at its spawn.lock and the unlink: it removes another’s',
    remedy: 'a release publishes `free` as the next generation, unless it has been superseded',
    breaks: must.latestLockStays,
    programs: { hook: lockAlone },
    start: ['hook', at(SPAWN_LOCK_STALE_MS + 500, 'hook')],
    faults: { stop: { max: 1, forMs: [SPAWN_LOCK_STALE_MS - 500] } },
    faultsForMs: SPAWN_LOCK_STALE_MS + 5_000,
    invariants: [LOCK_SEEN],
  },
  'stopped-launcher': {
    about: 'a launcher is stopped for longer than ten seconds: it loses its mutex, and spawns later',
    remedy: 'the right to spawn is checked again (a fencing token) right before the spawn',
    breaks: must.spawnsBehindOwnLock,
    start: ['hook', at(MUTEX_STALE_MS + 500, 'hook')],
    faults: { stop: { max: 1, forMs: [MUTEX_STALE_MS + 1_000] } },
    faultsForMs: MUTEX_STALE_MS + 2_000,
    // Its package would then throw, see `compromised-hook`.
    crashes: 'allowed',
    invariants: [LOCK_SEEN],
  },
  'compromised-hook': {
    about: 'the lock package throws in a timer when it finds the mutex taken away: the hook crashes',
    remedy: 'an `onCompromised` that ends the wait, instead of the default, which throws in a timer',
    breaks: 'no program crashes',
    start: ['hook', at(MUTEX_STALE_MS + 500, 'hook')],
    faults: { stop: { max: 1, forMs: [MUTEX_STALE_MS + 1_000] } },
    faultsForMs: MUTEX_STALE_MS + 2_000,
    invariants: [LOCK_SEEN],
  },
  suspend: {
    about: 'the machine sleeps while a launcher waits: its mutex is stale, and another launcher spawns',
    remedy: MONOTONIC,
    breaks: must.oneSpawner,
    start: ['hook', at(200, 'hook'), at(300, 'hook')],
    faults: { suspend: { max: 3, forMs: [30_000] } },
    invariants: [LOCK_SEEN],
  },
  'clock-forward': {
    about: 'the wall clock is put forward: a living launcher’s spawn.lock counts as left behind',
    remedy: MONOTONIC,
    breaks: must.oneSpawner,
    programs: { hook: hookToday },
    start: [times(2, 'hook')],
    faults: { 'clock-jump': { max: 1, forMs: [HOUR_MS] } },
    invariants: [LOCK_SEEN],
  },
  'clock-back': {
    about: 'the wall clock is put back: a dead launcher’s spawn.lock is fresh, no hook spawns for an hour',
    remedy: 'the holder is named by boot, PID and start time: a dead process’s lock is free at once',
    breaks: must.oneWorkerServes,
    programs: { hook: hookToday },
    start: [afterFaults('hook', SPAWN_LOCK_STALE_MS + 1_000)],
    machine: { files: { [SPAWN_LOCK]: '{"pid":999}' } },
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    faultsForMs: 10,
    settleMs: SPAWN_LOCK_STALE_MS + 35_000,
  },
  'endless-wait': {
    about: 'the wall clock is put back while a hook waits for a worker: its five seconds last an hour',
    remedy: 'the length of a wait is measured by the monotonic clock',
    breaks: must.hooksEnd,
    programs: { worker: brokenWorker },
    start: ['hook'],
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    settleMs: 20_000,
    invariants: [LOCK_SEEN],
  },
  'no-second-look': {
    about: 'a hook that looked before the first worker was up does not look again behind the spawn.lock',
    remedy: 'the health is asked for again behind the lock',
    breaks: must.oneWorker,
    programs: { hook: hookToday },
    start: [times(2, 'hook')],
    invariants: [LOCK_SEEN],
  },
  'slow-start': {
    about: 'a worker needs over five seconds to listen: its launcher gives up the mutex, another spawns',
    remedy: 'the launcher waits for its child for as long as that lives, and says so if it ends',
    breaks: must.oneWorker,
    programs: { worker: workerAfter({ bindsAfterMs: 8_000 }) },
    start: ['hook', at(6_000, 'hook')],
    faultsForMs: 8_000,
    invariants: [LOCK_SEEN],
  },
  'fail-closed': {
    about: 'the mutex cannot be created, so it is never free: no hook ever starts a worker',
    remedy: 'the gate only saves starts: in doubt a worker is started, and its own claim decides',
    breaks: must.oneWorkerServes,
    programs: { hook: hook(ensureBehindMutex({ path: LOST_MUTEX, onError: 'closed' })) },
    start: ['hook', afterFaults('hook')],
    invariants: [LOCK_FAILED],
  },
  'fail-open': {
    about: 'the mutex cannot even be made, and so lets every hook through: a worker for each of them',
    remedy: 'a lock that opens in doubt needs a second guard: the worker’s own claim decides',
    breaks: must.oneWorker,
    programs: { hook: hook(ensureBehindMutex({ path: LOST_MUTEX, onError: 'open' })) },
    start: [times(3, 'hook')],
    invariants: [LOCK_FAILED],
  },
});
