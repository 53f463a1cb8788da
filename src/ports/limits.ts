/** Limits that both machines have. */

/** The most bytes that one read returns; a longer one is short, as read(2) may be. */
export const READ_LIMIT_BYTES = 2 ** 20;
