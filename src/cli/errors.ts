/** A mistake of whoever calls: says what was got, what is accepted, and what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
