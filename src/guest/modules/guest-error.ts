/** The error for what a simulated process cannot have. */

/** A guest uses something that is not available. The message says what, and what to do. */
export class GuestError extends Error {
  override readonly name = 'GuestError';
}
