/** The figures of mcporter's daemon, as its sources and its pull requests #191 and #195 have them. */

/** How many starts at once the pull request's recipe has, and how many its table. */
export const RECIPE_STARTS = 2;
export const STARTS = 5;
/** `mcporter list`, this many at once. */
export const COLD_STARTS = 10;

export const MS = {
  /** How long a host waits for a status. */
  probe: 2_000,
  /** How long a new host waits for the end of a stale daemon, and a client before it restarts one. */
  stop: 5_000,
  /** How long a client, or a detached start, waits for a daemon to be ready. */
  ready: 10_000,
  /** How long a client waits for the answer to a request. */
  request: 30_000,
  lock: 30_000,
  /** An empty or malformed lock of this age is broken. */
  malformed: 1_000,
} as const;

/** launchd starts a job at most this often: the default of ThrottleInterval, see launchd.plist(5). */
export const LAUNCHD_THROTTLE_MS = 10_000;

/** How often a process that waits looks again. */
export interface Looks {
  /** For a daemon to be ready, or gone. */
  readonly pollMs: number;
  /** For a lock. */
  readonly lockPollMs: number;
}

/** As the source has them. */
export const LOOKS: Looks = { pollMs: 100, lockPollMs: 25 };
/** Where many seconds of waiting are the point, and nothing changes between two looks: so that a counterexample is short. */
export const RARE_LOOKS: Looks = { pollMs: 1_000, lockPollMs: 1_000 };
/** Where a process has to be late by a whole pause, so that this happens soon. */
export const FREQUENT_LOOKS: Looks = { ...LOOKS, lockPollMs: 1 };

/** How long a client may legally hold its lock: one status that is not answered, one stop, one start. */
export const LONGEST_START_MS = MS.request + MS.stop + MS.ready;
