/** Numbers that callers of the library pass: one that makes no sense must not change what is searched, or never end. */

type Accepts = 'whole' | 'count' | 'milliseconds' | 'some';

const ACCEPTED: Readonly<Record<Accepts, readonly [(value: number) => boolean, string]>> = {
  whole: [Number.isSafeInteger, 'a whole number'],
  count: [
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0),
    'a whole number from 0, or Infinity',
  ],
  some: [
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1),
    'a whole number from 1, or Infinity',
  ],
  milliseconds: [(value) => value >= 0, 'milliseconds: 0 or more, or Infinity'],
};

const OPTIONS: Readonly<Record<string, Accepts>> = {
  seed: 'whole',
  runs: 'count',
  budgetMs: 'milliseconds',
  withinMs: 'milliseconds',
  patienceMs: 'some',
  preemptions: 'count',
  faults: 'count',
  maxStates: 'some',
  maxExecutions: 'some',
  maxHistories: 'some',
};

/**
 * Those that are left out have a default.
 *
 * @throws RangeError
 */
export function checkNumbers(options: object): void {
  for (const [name, accepts] of Object.entries(OPTIONS)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    const [fits, expected] = ACCEPTED[accepts];
    if (value === undefined || (typeof value === 'number' && fits(value))) continue;
    const got = typeof value === 'string' ? JSON.stringify(value) : String(value);
    throw new RangeError(`${name}: got ${got}: expected ${expected}`);
  }
}
