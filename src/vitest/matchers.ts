/**
 * Matchers for reports of `check` and `explore`, and for replays: added to vitest's `expect` by importing `one-survivor/vitest`. Their
 * messages say what was found and how to replay it, as a race test does.
 */
import { expect } from 'vitest';
import type { Replay, ScenarioReport, Violation } from '../check/index.ts';
import type { TraceEvent } from '../run/index.ts';
import { shown } from '../scenario/arguments.ts';
import { count } from '../scenario/wording.ts';
import { mostOwnersOf, survivorsOf } from './traces.ts';

/** What is matched: a report of `check` or `explore`, a replay, or its events. */
export type Judged = Pick<ScenarioReport, 'id' | 'verdict' | 'violations'> | Replay | readonly TraceEvent[];

/** A matcher of this package. */
export interface RaceMatchers<R = unknown> {
  /** Of a report or a replay: the verdict is `passed`. */
  toHavePassed(): R;
  /**
   * Of a report or a replay: it violates an invariant, by default any.
   *
   * @param invariant the name, or a pattern that it matches
   */
  toHaveViolated(invariant?: string | RegExp): R;
  /**
   * Of a report of `check`: it has passed, and in every run exactly one process was left at the end, apart from foreign ones. Of a replay:
   * it violates nothing, and exactly one process is left at its end. Of events: exactly one process has not ended.
   */
  toHaveOneSurvivor(): R;
  /** Of a replay or its events: there were never two owners at once, by their marks. */
  toHaveAtMostOneOwner(): R;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it.
  interface Matchers<T = any> extends RaceMatchers<T> {}
}

interface Result {
  readonly pass: boolean;
  readonly message: () => string;
}

/** For `expect.extend`, if a project has an `expect` of its own. Importing `one-survivor/vitest` extends that of vitest. */
export const raceMatchers = {
  toHavePassed(received: unknown): Result {
    const judged = judgedOf('toHavePassed', received, ['report', 'replay']);
    return result(verdictOf(judged) === 'passed', `to have passed`, describe(judged));
  },

  toHaveViolated(received: unknown, invariant?: string | RegExp): Result {
    const judged = judgedOf('toHaveViolated', received, ['report', 'replay']);
    const names = violatedBy(judged);
    const fits = (name: string): boolean =>
      invariant === undefined || (typeof invariant === 'string' ? name === invariant : invariant.test(name));
    const what = invariant === undefined ? 'an invariant' : shown(invariant);
    return result(names.some(fits), `to have violated ${what}`, describe(judged));
  },

  toHaveOneSurvivor(received: unknown): Result {
    const judged = judgedOf('toHaveOneSurvivor', received, ['report', 'replay', 'events']);
    const { pass, found } = survivorsIn(judged);
    return result(pass, 'to have one survivor', found);
  },

  toHaveAtMostOneOwner(received: unknown): Result {
    const judged = judgedOf('toHaveAtMostOneOwner', received, ['replay', 'events']);
    const most = mostOwnersOf(eventsOf(judged)!);
    return result(most <= 1, 'to have at most one owner at a time', `${count(most, 'owner')} at once`);
  },
};

expect.extend(raceMatchers);

function result(pass: boolean, wanted: string, found: string): Result {
  return { pass, message: () => `expected ${pass ? 'not ' : ''}${wanted}: ${found}` };
}

type Kind = 'report' | 'replay' | 'events';

const KINDS: Readonly<Record<Kind, string>> = {
  report: 'the report of check or explore',
  replay: 'what replay or quietRun resolves to',
  events: 'the events of a replay',
};

/** @throws TypeError unless it is one of these: a matcher that is given something else must fail with `not`, too */
function judgedOf(matcher: string, received: unknown, kinds: readonly Kind[]): Judged {
  const kind = kindOf(received);
  if (kind !== null && kinds.includes(kind)) return received as Judged;
  const awaits = received instanceof Promise ? ', a promise: await it' : '';
  throw new TypeError(
    `${matcher}: got ${shown(received)}${awaits}; accepted: ${kinds.map((each) => KINDS[each]).join(', or ')}`,
  );
}

function kindOf(received: unknown): Kind | null {
  if (Array.isArray(received))
    return received.every((event) => typeof event?.op === 'string') ? 'events' : null;
  if (typeof received !== 'object' || received === null || !('verdict' in received)) return null;
  if ('events' in received) return 'replay';
  return 'violations' in received ? 'report' : null;
}

function eventsOf(judged: Judged): readonly TraceEvent[] | null {
  if (Array.isArray(judged)) return judged;
  return 'events' in judged ? judged.events : null;
}

function verdictOf(judged: Judged): string {
  return 'verdict' in judged ? judged.verdict : 'events';
}

function violatedBy(judged: Judged): string[] {
  if ('violations' in judged) return judged.violations.map(({ invariant }) => invariant);
  return 'failure' in judged && judged.failure !== null ? [judged.failure.invariant] : [];
}

/** The verdict, and what was violated, with its token. */
function describe(judged: Judged): string {
  if ('violations' in judged) {
    const { id, verdict, violations } = judged;
    const reason = 'reason' in judged && judged.reason ? `; ${String(judged.reason)}` : '';
    return [`${id} is ${verdict}${reason}`, ...violations.map(describeViolation)].join('\n  ');
  }
  if (!('failure' in judged)) return 'events';
  const { scenario, verdict, failure, token } = judged;
  const why = failure === null ? '' : `\n  ${failure.invariant}: ${failure.message}`;
  return `${scenario.id} is ${verdict}${why}\n  token: ${token}`;
}

function describeViolation({ invariant, message, token }: Violation): string {
  return `${invariant}: ${message}\n  token: ${token}`;
}

function survivorsIn(judged: Judged): { readonly pass: boolean; readonly found: string } {
  const events = eventsOf(judged);
  if (events !== null) {
    const names = survivorsOf(events);
    const left = `${count(names.length, 'process', 'processes')} left${names.length === 0 ? '' : `: ${names.join(', ')}`}`;
    if ('failure' in judged && judged.failure !== null) return { pass: false, found: describe(judged) };
    return { pass: names.length === 1, found: left };
  }
  const { verdict, survivors } = judged as ScenarioReport;
  if (verdict !== 'passed') return { pass: false, found: describe(judged) };
  if (survivors === undefined)
    return { pass: false, found: 'the report does not count what was left: it must be that of check' };
  const { least, most } = survivors;
  const found = `at the end of a run, ${least === most ? least : `${least} to ${most}`} were left`;
  return { pass: least === 1 && most === 1, found };
}
