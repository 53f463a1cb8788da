/** Incorrect usage. The message says what was got, what is accepted, and what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
