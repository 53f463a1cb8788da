import { oneForEach, simulatedCall, simulatedClass } from './guards.ts';
import { ambient, type Callable, tell } from './stepping.ts';
import { classSpots, type Guard, type Spot, spotsIn } from './swap.ts';

/** Guards dates: reading the current time is caught; the time zone is always UTC and the language en-US. */

const WALL = 'use ports.clock.wallMs';
const ZONE = 'UTC';
const LOCALE = 'en-US';

/** A date string that names its time zone. */
const ZONED = /(?:Z|[+-]\d\d:?\d\d|GMT|UTC?|[ECMP][SD]T)(?:\s*\(.*\))?\s*$/i;

const FIELDS = ['Date', 'Day', 'FullYear', 'Hours', 'Milliseconds', 'Minutes', 'Month', 'Seconds'];

export function zoneSpots(): Spot[] {
  const { prototype } = globalThis.Date;
  return [
    ...classSpots(globalThis, '', 'Date', guardedDate),
    ...FIELDS.flatMap((field) => [
      ...utc(prototype, `get${field}`, `getUTC${field}`),
      ...(field === 'Day' ? [] : utc(prototype, `set${field}`, `setUTC${field}`)),
    ]),
    ...simulated(prototype, 'getYear', (self) => (self as Date).getUTCFullYear() - 1900),
    ...simulated(prototype, 'getTimezoneOffset', (self) => (Number.isNaN(Number(self)) ? Number.NaN : 0)),
    ...simulated(prototype, 'toString', (self) => textOf(self as Date, 'all')),
    ...simulated(prototype, 'toDateString', (self) => textOf(self as Date, 'date')),
    ...simulated(prototype, 'toTimeString', (self) => textOf(self as Date, 'time')),
    ...['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'].flatMap((key) =>
      simulated(prototype, key, (self, [locales, options], original) =>
        original.call(self, locales ?? LOCALE, zoned(options)),
      ),
    ),
    ...intlSpots(),
    ...inLanguage(String.prototype, 'localeCompare', 1),
    ...inLanguage(String.prototype, 'toLocaleLowerCase', 0),
    ...inLanguage(String.prototype, 'toLocaleUpperCase', 0),
    ...inLanguage(Number.prototype, 'toLocaleString', 0),
    ...inLanguage(BigInt.prototype, 'toLocaleString', 0),
  ];
}

function intlSpots(): Spot[] {
  const names = Object.getOwnPropertyNames(Intl).filter(
    (name) => typeof (Intl as unknown as Record<string, unknown>)[name] === 'function' && /^[A-Z]/.test(name),
  );
  const { prototype } = Intl.DateTimeFormat;
  return [
    ...names
      .filter((name) => name !== 'Locale')
      .flatMap((name) =>
        classSpots(
          Intl,
          'Intl',
          name,
          simulatedClass(([locales, options]) => [
            locales ?? LOCALE,
            ...(name === 'DateTimeFormat' ? [zoned(options)] : [options]),
          ]),
        ),
      ),
    ...spotsIn(prototype, 'Intl.DateTimeFormat', ['format'], formatsNow),
    ...spotsIn(prototype, 'Intl.DateTimeFormat', ['formatToParts'], ({ value, ...rest }, label) => {
      const original = value as Callable;
      function guard(this: unknown, date?: unknown): unknown {
        if (ambient.stepping && date === undefined) tell(`the clock of ${label}`, guard, WALL);
        return original.call(this, date);
      }
      return { ...rest, value: guard };
    }),
  ];
}

/** `format` is a getter that returns a function, which formats the current time if it is called without a date. */
const formatsNow: Guard = ({ get, ...rest }, label) => {
  if (get === undefined) return null;
  return {
    ...rest,
    get() {
      const format = get.call(this) as Callable;
      if (!ambient.stepping) return format;
      return function guard(date?: unknown): unknown {
        if (ambient.stepping && date === undefined) tell(`the clock of ${label}`, guard as Callable, WALL);
        return format(date);
      };
    },
  };
};

function zoned(options: unknown): unknown {
  const { timeZone } = (options ?? {}) as { timeZone?: unknown };
  return timeZone === undefined ? { ...(options as object | undefined), timeZone: ZONE } : options;
}

function utc(prototype: Date, key: string, instead: string): Spot[] {
  const method = (prototype as unknown as Record<string, Callable>)[instead]!;
  return simulated(prototype, key, (self, args) => Reflect.apply(method, self, args));
}

/** @param at the index of the language argument */
function inLanguage(prototype: object, key: string, at: number): Spot[] {
  return simulated(prototype, key, (self, args, original) => {
    const given = [...args];
    given[at] ??= LOCALE;
    return Reflect.apply(original, self, given);
  });
}

function simulated(
  owner: object,
  key: string,
  call: (self: unknown, args: readonly unknown[], original: Callable) => unknown,
): Spot[] {
  return spotsIn(owner, owner.constructor.name, [key], simulatedCall(call));
}

/** As in the time zone UTC. */
function textOf(date: Date, what: 'all' | 'date' | 'time'): string {
  const text = date.toUTCString();
  if (text === 'Invalid Date') return text;
  const [, week, day, month, year, time] = /^(\w+), (\d+) (\w+) (-?\d+) (.*) GMT$/.exec(text)!;
  const parts = {
    date: `${week} ${month} ${day} ${year}`,
    time: `${time} GMT+0000 (Coordinated Universal Time)`,
  };
  return what === 'all' ? `${parts.date} ${parts.time}` : parts[what];
}

/** A date with explicit time is harmless; local time is interpreted as UTC. */
const guardedDate: Guard = oneForEach((found) => {
  const original = found as unknown as DateConstructor;
  function guard(...given: unknown[]): unknown {
    if (ambient.stepping && (new.target === undefined || given.length === 0)) {
      tell(new.target === undefined ? 'Date()' : 'the clock of new Date', guard as Callable, WALL);
    }
    if (new.target === undefined) return Reflect.apply(original, undefined, given);
    const args = ambient.stepping ? argumentsOf(original, given) : given;
    return Reflect.construct(original, args, new.target === (guard as unknown) ? original : new.target);
  }
  function now(): number {
    if (ambient.stepping) tell(`${original.name}.now`, now, WALL);
    return original.now();
  }
  const parse = (text: string): number => (ambient.stepping ? parsed(original, text) : original.parse(text));
  Object.defineProperties(guard, Object.getOwnPropertyDescriptors(original));
  Object.assign(guard, { now, parse });
  const date = guard as unknown as DateConstructor;
  const own = Object.getOwnPropertyDescriptors(date);
  resetDate = () => {
    if (date.now === now && date.parse === parse) return;
    for (const key of ['now', 'parse'] as const) Reflect.defineProperty(date, key, own[key]!);
  };
  return guard as Callable;
});

/** Removes a program's replacement of `Date.now` between two runs. */
export let resetDate = (): void => {};

function argumentsOf(original: DateConstructor, given: readonly unknown[]): readonly unknown[] {
  if (given.length > 1) return [original.UTC(...(given as [number, number]))];
  const [only] = given;
  return typeof only === 'string' ? [parsed(original, only)] : given;
}

function parsed(original: DateConstructor, text: string): number {
  const given = String(text);
  const local = original.parse(given);
  if (Number.isNaN(local) || ZONED.test(given)) return local;
  const utcMs = original.parse(given.includes('T') ? `${given.trim()}Z` : `${given} UTC`);
  return Number.isNaN(utcMs) ? local : utcMs;
}
