/** Data without nesting, as nearly all arguments and results of operations are. It is copied and compared without a walk. */

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'undefined']);

/** Whether an object contains only strings, numbers and booleans. */
export function isFlat(value: object): boolean {
  for (const key in value) {
    const part: unknown = value[key as keyof typeof value];
    if (part !== null && !PLAIN.has(typeof part)) return false;
  }
  return true;
}
