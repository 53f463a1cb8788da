import type { Program } from '../../ports/index.ts';
import { type Scenario, sometimes } from '../../scenario/index.ts';
import { type AfterOptions, after, hookToday, workerAfter } from './after.ts';
import { MUTEX_STALE_MS, SPAWN_LOCK_STALE_MS } from './figures.ts';
import {
  hooksEnd,
  latestLockStays,
  oneSpawner,
  oneWorker,
  oneWorkerServes,
  spawnsBehindOwnLock,
} from './invariants.ts';
import { ensureBehindMutex, hook } from './launcher.ts';
import { MUTEX, SPAWN_LOCK } from './setup.ts';
import { releaseSpawnLock, takeSpawnLock } from './spawn-lock.ts';

const HOUR_MS = 3_600_000;
/** In a directory that has not been made, or is gone since the restart of the machine. */
const LOST_MUTEX = '/run/claude-mem/worker-37777.lock';

/** Starts and at once ends, as from a broken installation. */
const brokenWorker: Program = async () => 1;

/** The lock without its worker, held for a moment. */
const lockAlone: Program = async (ports) => {
  if (!(await takeSpawnLock(ports))) return;
  await ports.clock.sleep(2_000);
  await releaseSpawnLock(ports);
};

type FindingOptions = AfterOptions & { remedy: string };

export function finding(options: FindingOptions): Scenario {
  return after({
    ...options,
    expects: 'violation',
    violates: options.violates ?? options.invariants[0]!.name,
  });
}

const LOCK_SEEN = sometimes('a launcher was behind the lock', 'own');

/** What a lock by time, and a lock that gives way to errors, still let through. */
export const OF_LOCKS: readonly Scenario[] = [
  finding({
    id: 'claude-mem/after/stale-mutex',
    about:
      'two hooks find the mutex of a crashed one; the slower removes the fresh one of the faster, and both spawn',
    remedy:
      'a lock that is superseded by a compare-and-swap (link of the next generation), and never removed by a contender',
    start: [{ program: 'hook', count: 2, atMs: MUTEX_STALE_MS + 500 }],
    machine: { files: { [MUTEX]: null } },
    faultsForMs: MUTEX_STALE_MS + 1_000,
    invariants: [oneSpawner, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/restat-gap',
    about:
      'the second look at the age of a stale spawn.lock is not the unlink: a fresh one that comes in between is removed',
    remedy:
      'a lock that is superseded by a compare-and-swap (link of the next generation), and never removed by a contender',
    programs: { hook: hookToday },
    start: [{ program: 'hook', count: 2, atMs: SPAWN_LOCK_STALE_MS + 500 }],
    machine: { files: { [SPAWN_LOCK]: '{"pid":999}' } },
    faultsForMs: SPAWN_LOCK_STALE_MS + 1_000,
    invariants: [oneSpawner, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/release-gap',
    about:
      'a holder is stopped between the look at its spawn.lock and the unlink; it then removes the lock of another',
    remedy: 'a release that publishes `free` as the next generation, and harms nobody who has superseded it',
    programs: { hook: lockAlone },
    start: [{ program: 'hook' }, { program: 'hook', atMs: SPAWN_LOCK_STALE_MS + 500 }],
    faults: { stop: { max: 1, forMs: [SPAWN_LOCK_STALE_MS - 500] } },
    faultsForMs: SPAWN_LOCK_STALE_MS + 5_000,
    invariants: [latestLockStays, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/stopped-launcher',
    about:
      'a launcher that is stopped for longer than ten seconds loses its mutex, and spawns when it goes on',
    remedy:
      'the right to spawn is asked for again before the spawn (a fencing token), not only before the wait',
    start: [{ program: 'hook' }, { program: 'hook', atMs: MUTEX_STALE_MS + 500 }],
    faults: { stop: { max: 1, forMs: [MUTEX_STALE_MS + 1_000] } },
    faultsForMs: MUTEX_STALE_MS + 2_000,
    // Its package would then throw, see `compromised-hook`.
    crashes: 'allowed',
    invariants: [spawnsBehindOwnLock, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/compromised-hook',
    about:
      'the lock package throws where nobody can catch it when it finds the mutex taken away: the hook crashes',
    remedy: 'an `onCompromised` that ends the wait, instead of the default, which throws in a timer',
    violates: 'no program crashes',
    start: [{ program: 'hook' }, { program: 'hook', atMs: MUTEX_STALE_MS + 500 }],
    faults: { stop: { max: 1, forMs: [MUTEX_STALE_MS + 1_000] } },
    faultsForMs: MUTEX_STALE_MS + 2_000,
    invariants: [LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/suspend',
    about:
      'the machine sleeps while a launcher waits: by the wall clock its mutex has gone stale, and another spawns beside it',
    remedy: 'a contender measures staleness on its own monotonic clock, while it is awake',
    start: [{ program: 'hook' }, { program: 'hook', atMs: 200 }, { program: 'hook', atMs: 300 }],
    faults: { suspend: { max: 3, forMs: [30_000] } },
    invariants: [oneSpawner, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/clock-forward',
    about:
      'the wall clock is put forward: the spawn.lock of a launcher that is alive and well counts as left behind',
    remedy: 'a contender measures staleness on its own monotonic clock, while it is awake',
    programs: { hook: hookToday },
    start: [{ program: 'hook', count: 2 }],
    faults: { 'clock-jump': { max: 1, forMs: [HOUR_MS] } },
    invariants: [oneSpawner, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/clock-back',
    about:
      'the wall clock is put back: the spawn.lock of a crashed launcher stays fresh, and for an hour nobody spawns',
    remedy:
      'the holder is named by boot, PID and start time, and a lock of a process that is gone is free at once',
    programs: { hook: hookToday },
    start: [{ program: 'hook', phase: 'settle', atMs: SPAWN_LOCK_STALE_MS + 1_000 }],
    machine: { files: { [SPAWN_LOCK]: '{"pid":999}' } },
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    faultsForMs: 10,
    settleMs: SPAWN_LOCK_STALE_MS + 35_000,
    invariants: [oneWorkerServes],
  }),
  finding({
    id: 'claude-mem/after/endless-wait',
    about: 'the wall clock is put back while a hook waits for a worker: its five seconds last an hour',
    remedy: 'how long one has waited is measured by the monotonic clock',
    programs: { worker: brokenWorker },
    start: [{ program: 'hook' }],
    faults: { 'clock-jump': { max: 1, forMs: [-HOUR_MS] } },
    settleMs: 20_000,
    invariants: [hooksEnd, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/no-second-look',
    about:
      'who gets the spawn.lock does not look at the health again: a launcher that looked before the first worker was up starts a second one',
    remedy: 'the health is asked for again behind the lock',
    programs: { hook: hookToday },
    start: [{ program: 'hook', count: 2 }],
    invariants: [oneWorker, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/slow-start',
    about:
      'a worker that takes more than five seconds to listen: its launcher lets go of the mutex, and the next hook starts a second one',
    remedy:
      'the wait ends with the worker, not before: the launcher waits for its child, and says so if it ends',
    programs: { worker: workerAfter({ bindsAfterMs: 8_000 }) },
    start: [{ program: 'hook' }, { program: 'hook', atMs: 6_000 }],
    faultsForMs: 8_000,
    invariants: [oneWorker, LOCK_SEEN],
  }),
  finding({
    id: 'claude-mem/after/fail-closed',
    about:
      'the mutex cannot even be made, and so is never free: no hook ever starts a worker, and nothing says so',
    remedy:
      'the gate only saves starts: in doubt a worker is started all the same, and its own claim decides',
    violates: oneWorkerServes.name,
    programs: { hook: hook(ensureBehindMutex({ path: LOST_MUTEX, onError: 'closed' })) },
    start: [{ program: 'hook' }, { program: 'hook', phase: 'settle' }],
    invariants: [oneWorkerServes, sometimes('the lock itself failed', 'lock-failed')],
  }),
  finding({
    id: 'claude-mem/after/fail-open',
    about: 'the mutex cannot even be made, and so lets everybody through: a worker for each of the hooks',
    remedy:
      'a lock that opens in doubt must not be all that keeps a second worker away: the worker’s own claim decides',
    programs: { hook: hook(ensureBehindMutex({ path: LOST_MUTEX, onError: 'open' })) },
    start: [{ program: 'hook', count: 3 }],
    invariants: [oneWorker, sometimes('the lock itself failed', 'lock-failed')],
  }),
];
