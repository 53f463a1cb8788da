/** The figures of closedloop's pull request 257, and of its code. Milliseconds. */
export const LIMITS = {
  healthTimeoutMs: 2_000,
  readyPollMs: 500,
  readyWithinMs: 60_000,
  /** How long a sidecar must live on after its first answer: one that loses the TCP port says so late. */
  stableForMs: 5_000,
  restarts: 5,
  firstBackoffMs: 1_000,
  longestBackoffMs: 30_000,
  stopGraceMs: 2_000,
  killGraceMs: 2_000,
  killTimeoutMs: 2_000,
  exitPollMs: 100,
  /** Of `lsof` and of `ps`: then it counts as failed. */
  lsofTimeoutMs: 1_500,
  psTimeoutMs: 1_000,
} as const;

/** Longer than the five restarts: 1 + 2 + 4 + 8 + 16 s. */
export const ALL_RESTARTS_MS = 35_000;
