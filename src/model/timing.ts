/** All in milliseconds of the monotonic clock, which neither clock changes nor a suspend affect. */
export interface Timing {
  /** How often to probe an owner that does not answer. */
  probeEveryMs: number;
  /** How long an owner may take to answer one probe. */
  probeTimeoutMs: number;
  /** How many probes in a row must fail before an owner counts as hung. */
  failedProbes: number;
  /** How long an owner may take from its claim to its first answer. */
  bootGraceMs: number;
  /** How long an owner that has answered before may be silent. */
  leaseMs: number;
  /** How long an owner has to answer a challenge. Must exceed `selfCheckMs` plus a probe, since it notices at its next check. */
  challengeMs: number;
  /** How long a process may take to end after SIGTERM, and after SIGKILL. */
  termGraceMs: number;
  killGraceMs: number;
  /** How often an owner checks that it is still the owner. */
  selfCheckMs: number;
  /** How often an owner tidies up files and orphans. */
  tidyEveryMs: number;
  /** How long a contender waits for a decision before it gives up. */
  patienceMs: number;
}

/**
 * Chosen by hand: long enough for a loaded laptop, short enough for a person who waits. `bootGraceMs` must exceed `termGraceMs`
 * plus `killGraceMs`, since a new owner may have to end the old one before it can answer.
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
