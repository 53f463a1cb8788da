/**
 * The figures of claude-mem's pull request #1085 (its tables of evidence and of timing), and of the protocol that followed
 * it. All times in milliseconds.
 */

/** What crashed machines: this many in five minutes, and this many workers at once. */
export const STORM = { chromaProcesses: 641, workers: 19, withinMs: 300_000 } as const;
/** What #1085 promises instead. */
export const TARGET = { chromaProcesses: 2, workers: 1 } as const;

/** Between the look at the TCP port and the start of a worker: the least and the most in the table. */
export const CHECK_TO_SPAWN_MS = [100, 500] as const;
/** On Linux a worker listens this long after its start, and a healthy one answers within this: the notes on the time-outs. */
export const WORKER_STARTS_WITHIN_MS = 1_000;
export const HEALTHY_WITHIN_MS = 100;
/** The first question about the worker's health. */
export const FIRST_LOOK_MS = 1_000;
/** Each later question (HEALTH_CHECK). */
export const HEALTH_CHECK_MS = 3_000;
/** How long a launcher waits until its worker is healthy (POST_SPAWN_WAIT). */
export const POST_SPAWN_WAIT_MS = 5_000;
/** How long it waits for another process that has the TCP port (PORT_IN_USE_WAIT). */
export const PORT_IN_USE_WAIT_MS = 3_000;
/** On Windows all three are this much longer. */
export const WINDOWS_MULTIPLIER = 1.5;
/** Between two looks. */
export const HEALTH_POLL_MS = 500;
/** All three before the pull request that made them shorter (#1056). */
export const TIMEOUTS_BEFORE_1056_MS = 30_000;

/** How long a launcher waits, in milliseconds. */
export interface Waits {
  /** Between the look at the TCP port and the start of a worker. */
  readonly checkToSpawnMs: number;
  readonly healthCheckMs: number;
  readonly postSpawnMs: number;
  readonly portInUseMs: number;
}

export const WAITS: Waits = {
  checkToSpawnMs: CHECK_TO_SPAWN_MS[0],
  healthCheckMs: HEALTH_CHECK_MS,
  postSpawnMs: POST_SPAWN_WAIT_MS,
  portInUseMs: PORT_IN_USE_WAIT_MS,
};

export const WAITS_ON_WINDOWS: Waits = {
  ...WAITS,
  healthCheckMs: HEALTH_CHECK_MS * WINDOWS_MULTIPLIER,
  postSpawnMs: POST_SPAWN_WAIT_MS * WINDOWS_MULTIPLIER,
  portInUseMs: PORT_IN_USE_WAIT_MS * WINDOWS_MULTIPLIER,
};

/** The spawn mutex of #1085 counts as left behind after this, twice the wait above. */
export const MUTEX_STALE_MS = 10_000;
/** The lock that came later does after this, and its holder waits this long for a worker to be ready. */
export const SPAWN_LOCK_STALE_MS = 90_000;
export const READINESS_WAIT_MS = 30_000;

/** After this many failures in a row, chroma-mcp is not tried again for this long. */
export const BREAKER = { failures: 3, cooldownMs: 60_000 } as const;
/** The age at which a process of that name counts as an orphan: before #1085, and since. */
export const ORPHAN_AGE_MS = { before: 1_800_000, after: 300_000 } as const;

/** A worker that is slow to start, on a loaded machine: `start` gives up on it after five seconds. */
export const SLOW_MS = 6_000;
/** How often a worker tries again to catch up with what is pending: as often as 19 workers need for 641 chroma-mcp in five minutes. */
export const SYNC_EVERY_MS = 8_500;
/** More than the storm had. */
export const ROOM_FOR_THE_STORM = 1_024;
/** A machine that the storm fills within seconds. */
export const SMALL_MACHINE = 12;
