/** A file cannot be written or read. The message says which, why, and what to do. */
export class ScaffoldError extends Error {
  override readonly name = 'ScaffoldError';
}
