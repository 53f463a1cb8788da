/**
 * The figures of claude-mem's pull request #1085 (its tables of evidence and of timing), and of the protocol that followed
 * it. All times in milliseconds.
 */

/** What crashed machines: so many in five minutes, and so many workers at once. */
export const STORM = { chromaProcesses: 641, workers: 19, withinMs: 300_000 } as const;
/** What #1085 promises instead. */
export const TARGET = { chromaProcesses: 2, workers: 1 } as const;

/** Between the look at the TCP port and the start of a worker: 100 to 500 ms in the table. The least of it. */
export const CHECK_TO_SPAWN_MS = 100;
/** A first look at the worker's health. */
export const FIRST_LOOK_MS = 1_000;
/** One question after the worker's health (HEALTH_CHECK). */
export const HEALTH_CHECK_MS = 3_000;
/** A worker of one's own has so long to become healthy (POST_SPAWN_WAIT). */
export const POST_SPAWN_WAIT_MS = 5_000;
/** Somebody else's, whose TCP port is in use, has so long (PORT_IN_USE_WAIT). */
export const PORT_IN_USE_WAIT_MS = 3_000;
/** On Windows all three are longer by so much. */
export const WINDOWS_MULTIPLIER = 1.5;
/** Between two looks. */
export const HEALTH_POLL_MS = 500;

/** The spawn mutex of #1085 counts as left behind after this, twice the wait above. */
export const MUTEX_STALE_MS = 10_000;
/** The lock that came later does after this, and its holder waits so long for a worker to be ready. */
export const SPAWN_LOCK_STALE_MS = 90_000;
export const READINESS_WAIT_MS = 30_000;

/** chroma-mcp is not tried again after so many failures in a row, for so long. */
export const BREAKER = { failures: 3, cooldownMs: 60_000 } as const;
/** From which age on a process of that name counts as an orphan: before #1085, and since. */
export const ORPHAN_AGE_MS = { before: 1_800_000, after: 300_000 } as const;
