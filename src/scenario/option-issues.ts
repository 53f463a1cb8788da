import type { z } from 'zod';
import { acceptsAt } from './accepted-values.ts';
import { shown } from './arguments.ts';
import {
  atMostOneOwner,
  noStaleAct,
  noTokenTwice,
  nothingForeignSignalled,
  nothingUnprovenSignalled,
  tokensRise,
} from './invariants.ts';
import { didYouMean, nearest } from './suggestions.ts';

/** Describes mistakes in the options of a scenario: where, what was got, what is accepted, and an example. */

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const MOST_TEXT = 60;
/** Surrounds the names of functions in JSON. */
const FUNCTION = '\u0000';
const SHOWN_FUNCTION = /"\\u0000([^"]*?)\\u0000"/g;
const INVARIANTS: Readonly<Record<string, string>> = {
  [atMostOneOwner.name]: 'atMostOneOwner',
  [noStaleAct.name]: 'noStaleAct',
  [tokensRise.name]: 'tokensRise',
  [noTokenTwice.name]: 'noTokenTwice',
  [nothingForeignSignalled.name]: 'nothingForeignSignalled',
  [nothingUnprovenSignalled.name]: 'nothingUnprovenSignalled',
};

/** @param fieldsAt returns the names of the fields that are accepted at a path, if known */
export function describeIssues(
  issues: readonly Issue[],
  options: unknown,
  fieldsAt: (path: Path) => readonly string[] | null,
): string {
  // The parts of an invariant are missing together, and have one remedy.
  return [...new Set(issues.map((issue) => describe(issue, options, [], fieldsAt)))].join('; ');
}

function describe(
  issue: Issue,
  options: unknown,
  within: Path,
  fieldsAt: (path: Path) => readonly string[] | null,
): string {
  const path = [...within, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return describeNames(nameOf(path), issue.keys, fieldsAt(path) ?? []);
    case 'invalid_union': {
      // The branch that matched furthest is most likely the intended one.
      const branch = issue.errors.find((errors) => errors.some(({ path: inner }) => inner.length > 0));
      if (branch !== undefined)
        return branch.map((each) => describe(each, options, path, fieldsAt)).join('; ');
      return describeValue(path, options, issue.message);
    }
    case 'invalid_key':
      return `${nameOf(path)}: ${issue.issues.map(({ message }) => message).join('; ')}, ${suchAs(path)}`;
    default:
      return describeValue(path, options, issue.message);
  }
}

/** `faults: "sotp" is not known; did you mean stop? Accepted: kill, stop, …`. */
function describeNames(at: string, names: readonly string[], accepted: readonly string[]): string {
  const where = at === '' ? '' : `${at}: `;
  const keys = names.map((key) => JSON.stringify(key)).join(' and ');
  const meant = [...new Set(names.flatMap((key) => nearest(key, accepted)))];
  const hint = meant.length > 0 ? `did you mean ${meant.join(' or ')}? Accepted` : 'accepted';
  return `${where}${keys} ${names.length === 1 ? 'is' : 'are'} not known; ${hint}: ${accepted.join(', ')}`;
}

/** `faults.stop: got -1, expected how often at most in a run (a whole number from 0), such as stop: 1`. */
function describeValue(path: Path, options: unknown, message: string): string {
  const value = valueAt(options, path);
  const accepts = acceptsAt(path);
  const got = `${nameOf(path)}: got ${shownWhole(value)}`;
  if (accepts === null) return `${got}, ${message}`;
  const isName = typeof value === 'string' && accepts.names !== undefined;
  const meant = isName ? didYouMean(value, accepts.names) : invariantMeant(path, value);
  return `${got}, expected ${accepts.what}, such as ${accepts.example}${meant}`;
}

/** The built-in invariant of which only the name is given. */
function invariantMeant([option]: Path, value: unknown): string {
  if (option !== 'invariants' || typeof value !== 'string') return '';
  const [name] = nearest(value, Object.keys(INVARIANTS));
  const [exported] = name === undefined ? nearest(value, Object.values(INVARIANTS)) : [INVARIANTS[name]];
  return exported === undefined ? '' : `; did you mean ${exported}, which one-survivor exports?`;
}

function suchAs(path: Path): string {
  const accepts = acceptsAt(path);
  return accepts === null ? '' : `such as ${accepts.example}`;
}

/** `start[0].count`. */
function nameOf(path: Path): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    const text = String(key);
    if (!/^\w+$/.test(text)) return `${name}[${JSON.stringify(text)}]`;
    return name === '' ? text : `${name}.${text}`;
  }, '');
}

function valueAt(options: unknown, path: Path): unknown {
  let value = options;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** A value as it is written, unless it is long. */
function shownWhole(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shown(value);
  try {
    // JSON shows functions as null, or leaves them out.
    const text = JSON.stringify(value, (_, part) =>
      typeof part === 'function' ? `${FUNCTION}${part.name}${FUNCTION}` : part,
    ).replace(SHOWN_FUNCTION, (_all, name) => `function ${name}`.trim());
    return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
  } catch {
    return shown(value);
  }
}
