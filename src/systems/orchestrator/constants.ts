/** The figures of orchestrator. */

/** A row of the channel counts for this long after its last heartbeat. */
export const ROW_STALE_MS = 90_000;
