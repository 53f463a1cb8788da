/** All in milliseconds of the monotonic clock: a jump of the wall clock or a suspend changes none. */
export interface Timing {
  /** Between two looks at an owner that does not answer. */
  probeEveryMs: number;
  /** How long an owner may take to answer one probe. */
  probeTimeoutMs: number;
  /** So many probes in a row must fail before an owner counts as dead inside. */
  failedProbes: number;
  /** How long an owner may take from its claim to its first answer. */
  bootGraceMs: number;
  /** How long an owner that has answered before may fall silent. */
  leaseMs: number;
  /** How long an owner has to answer a challenge. Must exceed `selfCheckMs` and a probe: that is when it looks. */
  challengeMs: number;
  /** How long a process may take to end after SIGTERM, and after SIGKILL. */
  termGraceMs: number;
  killGraceMs: number;
  /** How often an owner makes sure that it still is the owner. */
  selfCheckMs: number;
  /** How often an owner looks for litter and orphans. */
  tidyEveryMs: number;
  /** How long a contender waits for an outcome before it gives up. */
  patienceMs: number;
}

/**
 * Long enough for a loaded laptop, short enough for a person who waits. `bootGraceMs` must exceed `termGraceMs` +
 * `killGraceMs`, since a new owner may have to end the old one before it can answer.
 */
export const DEFAULT_TIMING: Timing = {
  probeEveryMs: 500,
  probeTimeoutMs: 1_000,
  failedProbes: 3,
  bootGraceMs: 15_000,
  leaseMs: 5_000,
  challengeMs: 3_000,
  termGraceMs: 3_000,
  killGraceMs: 3_000,
  selfCheckMs: 1_000,
  tidyEveryMs: 30_000,
  patienceMs: 60_000,
};
