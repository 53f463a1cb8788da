/** All in milliseconds of the monotonic clock, which neither clock changes nor a suspend affect. */
export interface Timing {
  /** How often to probe an owner that does not answer. */
  probeEveryMs: number;
  /** How long an owner may take to answer one probe. */
  probeTimeoutMs: number;
  /** How many probes in a row must fail before an owner counts as hung. */
  failedProbes: number;
  /**
   * How long an owner may take from its claim to its first answer if it has no certificate (an earlier version, a filesystem without
   * Unix sockets), and how long any owner may take to close what it owns.
   */
  bootGraceMs: number;
  /** The lease: how long an owner may be stopped (SIGSTOP, Ctrl-Z), and how long its endpoint may be silent. */
  leaseMs: number;
  /** How long the event loop of an owner may be busy, so that its process does not answer although it runs. */
  hangMs: number;
  /** How long an owner has to answer a challenge. Must exceed `selfCheckMs` plus a probe, since it notices at its next check. */
  challengeMs: number;
  /** How long a process may take to end after SIGTERM, and after SIGKILL. */
  termGraceMs: number;
  killGraceMs: number;
  /** How often an owner checks that it is still the owner. */
  selfCheckMs: number;
  /** How often an owner tidies up files and orphans. */
  tidyEveryMs: number;
  /** How long a contender waits for a decision before it gives up. Must exceed `hangMs` plus `challengeMs`, `termGraceMs` and `killGraceMs`. */
  patienceMs: number;
}

/**
 * Chosen by hand: long enough for a loaded laptop, short enough for a person who waits. `bootGraceMs` must exceed `termGraceMs`
 * plus `killGraceMs`, since a new owner may have to end the old one before it can answer. `hangMs` exceeds half a minute, for which a
 * healthy daemon may compute, parse or compress without a break.
 */
export const DEFAULT_TIMING: Timing = {
  probeEveryMs: 500,
  probeTimeoutMs: 1_000,
  failedProbes: 3,
  bootGraceMs: 15_000,
  leaseMs: 5_000,
  hangMs: 45_000,
  challengeMs: 3_000,
  termGraceMs: 3_000,
  killGraceMs: 3_000,
  selfCheckMs: 1_000,
  tidyEveryMs: 30_000,
  patienceMs: 60_000,
};

/** Between two looks at an owner there is a pause, and up to two probes. After a longer gap we have not run all the time. */
export function longestLookMs({ probeEveryMs, probeTimeoutMs }: Timing): number {
  return 2 * (probeEveryMs + 2 * probeTimeoutMs);
}
