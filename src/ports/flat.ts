/** Data without depth: nearly all that operations and marks take and give. To copy or compare it needs no walk. */

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'undefined']);

/** Whether an object holds texts, numbers, truth values and nothing else. */
export function isFlat(value: object): boolean {
  for (const key in value) {
    const part: unknown = value[key as keyof typeof value];
    if (part !== null && !PLAIN.has(typeof part)) return false;
  }
  return true;
}
