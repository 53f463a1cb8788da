/** The figures of orchestrator. */

/** A server starts a sidecar and looks for its port, all in milliseconds: `trySpawn`, `isAvailable` and `startSidecar` of its source. */
export const SIDECAR_MS = {
  poll: 2_000,
  start: 60_000,
  health: 2_000,
  /** How often, and how long, a server without the lock looks for the sidecar of another. */
  peerPoll: 1_000,
  peer: 60_000,
  /** A lock of this age is taken over. */
  staleLock: 90_000,
} as const;

/** A row of the channel counts for this long after its last heartbeat. */
export const ROW_STALE_MS = 90_000;
