/**
 * Checks what callers pass to public functions, so that a mistake is reported where it is made, and an invalid number does not silently
 * change a search or make it endless. For example, `check(lock, { seeds: 1 })` throws
 *
 *   TypeError: check: "seeds" is not an option; accepted: seed, runs, budgetMs, …
 */
import type { Scenario } from './options.ts';

/** What an option may be. */
export interface Accepted {
  /** Completes "expected …". */
  readonly what: string;
  readonly fits: (value: unknown) => boolean;
  /** The error class of another value. Default: `TypeError`. */
  readonly error?: typeof RangeError | typeof TypeError;
}

/** What each option of a function accepts. */
export type AcceptedOptions<Options = Record<string, unknown>> = {
  readonly [Name in keyof Required<Options>]: Accepted;
};

const MOST_TEXT = 60;

export const WHOLE = number('a whole number', Number.isSafeInteger);
export const COUNT = number('a whole number from 0, or Infinity', (value) => isCount(value, 0));
export const SOME = number('a whole number from 1, or Infinity', (value) => isCount(value, 1));
export const MILLISECONDS = number('milliseconds: 0 or more, or Infinity', (value) => value >= 0);
export const BOOLEAN: Accepted = { what: 'true or false', fits: (value) => typeof value === 'boolean' };
export const FUNCTION: Accepted = { what: 'a function', fits: (value) => typeof value === 'function' };
export const TEXT: Accepted = {
  what: 'a non-empty string',
  fits: (value) => typeof value === 'string' && value !== '',
};
export const SIGNAL: Accepted = {
  what: 'an AbortSignal, such as the signal of an AbortController',
  fits: (value) => isObject(value) && 'aborted' in value,
};

/**
 * Options that are `undefined` are valid: they have defaults.
 *
 * @param where the function, as callers know it
 * @throws RangeError for a number that is not accepted
 * @throws TypeError for another value, and for names that are not known
 */
export function checkOptions(where: string, options: unknown, accepted: AcceptedOptions): void {
  if (!isObject(options))
    throw new TypeError(`${where}: got ${shown(options)} as its options: expected an object`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(accepted, name)) {
      throw new TypeError(
        `${where}: ${JSON.stringify(name)} is not an option; accepted: ${Object.keys(accepted).join(', ')}`,
      );
    }
    if (value !== undefined) checkValue(name, value, accepted[name]!);
  }
}

/** @throws RangeError or TypeError, as {@link checkOptions} does */
export function checkValue(name: string, value: unknown, { what, fits, error = TypeError }: Accepted): void {
  if (!fits(value)) throw new error(`${name}: got ${shown(value)}: expected ${what}`);
}

/**
 * @param where the function, as callers know it
 * @throws TypeError if it was not made by `scenario`
 */
export function checkScenario(where: string, given: unknown): asserts given is Scenario {
  if (isScenario(given)) return;
  throw new TypeError(
    `${where}: got ${describeOther(given)}; expected a scenario: what scenario({ … }) returns`,
  );
}

/** Whether a value was made by `scenario()`, possibly by another copy of this library. */
export function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { id, hash, programs, invariants } = value as Partial<Scenario>;
  return (
    typeof id === 'string' &&
    typeof hash === 'string' &&
    programs instanceof Map &&
    Array.isArray(invariants) &&
    Object.isFrozen(value)
  );
}

/** A value that is not a scenario, and what to do about it. */
export function describeOther(value: unknown): string {
  if (Array.isArray(value)) {
    if (value.some(isScenario)) return 'an array of scenarios: pass one of them';
    return value.some(isDescription) ? 'an array of descriptions: give each to scenario()' : 'an array';
  }
  if (isObject(value) && value.programs instanceof Map)
    return 'a copy of a scenario: give its options to scenario()';
  if (isDescription(value)) return 'a description: give it to scenario()';
  if (value instanceof Promise) return 'a promise: await it';
  if (isObject(value) && isScenario(value.default)) return 'a module: pass its default export';
  return shown(value);
}

/** A value in a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value);
    return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  }
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return isObject(value) ? 'an object' : String(value);
}

/** Whether it looks like the options of a scenario. */
function isDescription(value: unknown): boolean {
  return isObject(value) && 'id' in value && 'programs' in value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function number(what: string, fits: (value: number) => boolean): Accepted {
  return { what, fits: (value) => typeof value === 'number' && fits(value), error: RangeError };
}

function isCount(value: number, least: number): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= least);
}
